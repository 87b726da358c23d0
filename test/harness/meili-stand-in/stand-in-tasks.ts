/** A fault of a task or a request, by the codes of the server. */
export class StandInFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly type: string;

  constructor(status: number, code: string, message: string, type = 'invalid_request') {
    super(message);
    this.status = status;
    this.code = code;
    this.type = type;
  }

  toJSON(): object {
    return { message: this.message, code: this.code, type: this.type, link: '' };
  }
}

interface Task {
  readonly uid: number;
  readonly indexUid: string | null;
  readonly type: string;
  status: 'enqueued' | 'processing' | 'succeeded' | 'failed';
  error: StandInFault | null;
}

/** Tasks are done one after the other, in the order in which they came, a moment after they were answered. */
export class StandInTasks {
  readonly #tasks: Task[] = [];
  readonly #delayMs: () => number;
  #last: Promise<void> = Promise.resolve();

  constructor(delayMs: () => number) {
    this.#delayMs = delayMs;
  }

  /** What is answered at once. */
  add(type: string, indexUid: string | null, work: () => void): object {
    const task: Task = { uid: this.#tasks.length, indexUid, type, status: 'enqueued', error: null };
    this.#tasks.push(task);
    this.#last = this.#last.then(() => this.#do(task, work));
    return { taskUid: task.uid, indexUid, status: task.status, type, enqueuedAt: new Date().toISOString() };
  }

  find(uid: number): object {
    const task = this.#tasks[uid];
    if (task === undefined) throw new StandInFault(404, 'task_not_found', `Task \`${uid}\` not found.`);
    return { ...task, enqueuedAt: new Date().toISOString(), error: task.error?.toJSON() ?? null };
  }

  /** Number of those that are not done. */
  pending(type: string): number {
    return this.#tasks.filter((task) => task.type === type && /enqueued|processing/.test(task.status)).length;
  }

  async #do(task: Task, work: () => void): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#delayMs()));
    task.status = 'processing';
    try {
      work();
      task.status = 'succeeded';
    } catch (error) {
      task.status = 'failed';
      task.error = error instanceof StandInFault ? error : new StandInFault(500, 'internal', String(error), 'internal');
    }
  }
}
