"""Words for what pictures show: what the ``frames`` encoder's network takes a cluster's videos for.

The network was trained to tell ImageNet's 1000 classes apart. Its last layer is a matrix, and the
stored vectors are what it is multiplied with (roots of the last features, in two halves), so that
no picture is decoded again: on 610 clips such scores correlate by .98 with those from the pictures,
and 98 % of the best classes are among the five best.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sorter_core.types import FeatureTable, Matrix

ENCODER = "frames"
MIDDLE, REST = 9 / 49, 40 / 49
"""Shares of the two halves in the network's 7 x 7 places."""
ACTIVITY = 300.0
"""The usual sum of a picture's 1280 features (260 to 330 on three sets of clips); a stored vector has
lost its own. It makes the network surer: with 250 fewer groups get a word, with 400 some a wrong one."""
LEAST = 0.2
"""The mean probability from which on a word is said: below it the network is guessing."""
LIFT = 2.0
"""How much more of it a cluster must have than the library has as a whole."""

_WORDS = """
fish 0 1 389-397; sharks 2-4; rays 5 6; chickens 7 8; birds 9-20 80-83 85 86 91-93 95 127-129 131-143 146
owls 24; birds of prey 21-23; salamanders 25-29; frogs 30-32; turtles 33-37; lizards 38-48
crocodiles 49 50; snakes 52-68; spiders 72-77 815; peacocks 84; parrots 87-90; hummingbirds 94; toucans 96
ducks 97 98; geese 99; swans 100; koalas 105; kangaroos 104; jellyfish 107; corals 108 109 973
snails 113 114; crabs 118-121 125; lobsters 122-124; flamingos 130; pelicans 144; penguins 145
whales 147 148; sea lions 149 150; dogs 151-268; wolves 269-275; hyenas 276; foxes 277-280; cats 281-285
big cats 286-290 293; lions 291; tigers 292; bears 294-297; meerkats 298 299; beetles 300-307; bees 309 410 599
insects 308 310-320; butterflies 321-326; starfish 327; rabbits 330-332; hamsters 333 338; porcupines 334
squirrels 335; beavers 336 337; horses 339 603; zebras 340; pigs 341-343; hippos 344; cows 345-347 690
sheep 348-350; antelopes 351-353; camels 354; llamas 355; ferrets 356-359; otters 360; sloths 364
monkeys 365-382; lemurs 383 384; elephants 385 386 101; pandas 387 388
guitar 402 546; banjo 420; violin 889; cello 486; piano 579 881; organ 687; drums 541 542; accordion 401
trumpet 513 566 875; saxophone 776; flute 558 699 683 432 684; harp 594; harmonica 593; xylophone 642 822
microphone 650; stage 818 819; speakers 632; church 406 497 663; mosque 668; castle 483 698; lighthouse 437
bridge 821 839 888; tower 442 682 900; barn 425 958; greenhouse 580; library 453 454 624; bakery 415 930-932
grocery store 582 791; restaurant 762; movie theater 498 598; barber 423 424; garden 738 883 985 986
boats 472 484 554 576 625 693 780 814 871 914; ships 403 510 628 724 913; submarine 833; trains 466 547 705 820
trams 829 874; buses 654 779; taxi 468; cars 436 511 581 609 627 656 661 817; racing cars 751; karts 573
trucks 555 569 675 717 864 867; tractor 595 730 866; construction 517; tanks 586 847; planes 404 895 908
airship 405; balloon 417; parachute 701; rockets 657 744 812; bicycles 444 671 880; motorcycles 665 670
tricycle 870; ambulance 407; police 734; camper 757; snow 537 802 803; skiing 795 796; bobsled 450
baseball 429 981; basketball 430; golf 522 574 575; tennis 752 852; table tennis 722; volleyball 890; soccer 805
rugby 768; football 560; hockey 746; billiards 736; boxing 747; gymnastics 416 602 638 702; weights 422 543
archery 456; rifles 413 763 764; swords 777; fishing 758; swimming 433 639 842; diving 801 983; hot tub 435 876
knights 461 490 524 787; kimono 614; wedding 578 982; graduation 400 667; uniform 652; masks 570 643
hats 439 452 515 808; wigs 903; dresses 601 655 689; sunglasses 836 837; jewelry 679; shoes 502 514 630 770 774 788
lipstick 551 629; perfume 711; hair dryer 589; bikini 445; jeans 608; suit 451 457 834 906; sweaters 474 841
baby 431 443 516 520 529 680; toys 850 865; carousel 476; swing 843; puzzle 611 918; comics 917
keyboard 508 810 878; computer 527 590 620 664 681 782; phone 487 528 707; camera 732 759; joystick 613
sewing 786; pottery 739; knitting 911; workshop 587 596 634 677 726 740 783 784; lawn mower 621; chainsaw 491
kitchen 499 521 544 567 659 827 891 909; coffee 504 505 550 967; tea 849 968; beer 440 441; wine 572 907 966
cocktails 503; ice cream 928 929; dessert 927; pizza 963; burgers 933; hot dogs 934; pasta 959; burrito 965
soup 809 925 926; chocolate 960; dough 961; meat 467 962 964 766; fruit 948-957; vegetables 936-946 987
mushrooms 947 991-997; mountains 970 972 980; beach 975-978; tent 672 797; candles 470
christmas 496; halloween 607; fountain 562; umbrella 879; maze 646; flag 557
"""


def vocabulary() -> dict[str, list[int]]:
    """Our plain words and the classes that each stands for; what helps nobody has none.

    >>> vocabulary()["cats"]
    [281, 282, 283, 284, 285]
    """
    found: dict[str, list[int]] = {}
    for entry in _WORDS.replace("\n", ";").split(";"):
        parts = entry.split()
        numbers = [part for part in parts if part[0].isdigit()]
        if numbers:
            name = " ".join(part for part in parts if not part[0].isdigit())
            found[name] = [number for part in numbers for number in _range(part)]
    return found


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


class Depicted:
    """What the network takes the videos of a table for: ``probabilities`` (videos, words).

    Rows of videos without pictures are zero; all are where the network isn't at hand.
    """

    def __init__(self, table: FeatureTable) -> None:
        known = vocabulary()
        self.words = tuple(known)
        self.probabilities = np.zeros((len(table), len(known)))
        layer = _last_layer() if ENCODER in table.vectors else None
        if layer is None:
            return
        self._seen = table.present[ENCODER]
        classes = probabilities(table.vectors[ENCODER][self._seen], *layer)
        grouped = [classes[:, numbers].sum(axis=1) for numbers in known.values()]
        self.probabilities[self._seen] = np.stack(grouped, axis=1)

    def of(self, rows: list[int], most: int = 3) -> list[str]:
        """The words for some videos, the surest first; none where the network is in doubt."""
        here, everywhere = self.probabilities[rows].mean(axis=0), self.probabilities.mean(axis=0)
        best = np.argsort(-here, kind="stable")[:most]
        return [self.words[i] for i in best if here[i] >= max(LEAST, LIFT * everywhere[i])]


def probabilities(
    vectors: Matrix, weights: NDArray[np.float32], bias: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(videos, 1000) from stored vectors (videos, 2560): squares undo the roots, then the last layer."""
    halves = vectors.astype(np.float64).reshape(len(vectors), 2, -1) ** 2
    halves /= np.maximum(halves.sum(axis=2, keepdims=True), 1e-12)
    features = ACTIVITY * (MIDDLE * halves[:, 0] + REST * halves[:, 1])
    logits = features @ weights.T + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@lru_cache(maxsize=1)
def _last_layer() -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """(1000, 1280) and (1000,); None where the package with the weights isn't installed."""
    from sorter_core.encoders import _checkpoint, _lite0

    try:
        tensors = _checkpoint.read(_lite0.checkpoint().read_bytes())
        return tensors["_fc.weight"].copy(), tensors["_fc.bias"].copy()  # the rest is let go
    except (ImportError, OSError, ValueError, KeyError):
        return None
