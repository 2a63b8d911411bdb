/** The changes on their way to the server: one after the other, in the order of the presses. */

export class Moves {
  constructor(server) {
    this.server = server;
    this.chain = Promise.resolve();
    this.pending = new Set(); // sorts whose answer is not there yet
    this.settled = 0;
  }

  /** Runs `task` when all before it are settled; the next one runs even if it fails. */
  inTurn(task) {
    const result = this.chain.then(task);
    this.chain = result.catch(() => {});
    return result;
  }

  /** Sends the sort of `record`; resolves to the folders, or to null where only the answer was lost. */
  sort(record) {
    this.pending.add(record);
    const { video: { filename }, folder } = record;
    return this.inTurn(async () => {
      try {
        const answer = await this.server.insist('/api/sort', { filename, folder });
        Object.assign(record, { state: 'done', batch: answer.batch ?? null });
        return answer.folders;
      } catch (error) {
        // "Sorted already", after an answer was lost on its way: that was our own move.
        record.state = error.status === 404 && error.repeated ? 'done' : 'failed';
        if (record.state === 'failed') throw error;
        return null;
      } finally {
        this.pending.delete(record);
        this.settled += 1;
      }
    });
  }

  /** Takes the sort of `record` back, after it was sent; resolves as `sort` does. */
  undo(record) {
    return this.inTurn(async () => {
      if (record.state === 'failed') return null; // it has never moved
      try {
        await this.here();
        // Without the batch's number a second try could undo something else: then one try must do.
        const answer = await (record.batch === null
          ? this.server.ask('/api/undo', {})
          : this.server.insist('/api/undo', { batch: record.batch }));
        return answer.folders;
      } catch (error) {
        if (error.status === 404 && error.repeated) return null;
        throw error;
      }
    });
  }

  /** Each library numbers its batches anew: in another one, ours would be somebody else's. */
  async here() {
    this.server.sameLibrary(await this.server.insist('/api/config/status'));
  }

  /** How many videos are under way to a folder. */
  count(folder) {
    return [...this.pending].filter((record) => !record.undone && record.folder === folder).length;
  }
}
