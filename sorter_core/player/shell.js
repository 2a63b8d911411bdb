// The page of the bare API: mounts the player as Streamlit would, with nothing to tell it.
import mount from '/player/player.js';

mount({ parentElement: document.body, data: {} });
