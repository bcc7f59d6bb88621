/** Who asks without a signature. */
const NOBODY = {}

/** What services were asked already: the transfers of a step share the answers. */
export class Asked {
  readonly #answers = new WeakMap<object, Map<string, Promise<unknown>>>()

  /**
   * The answer to a question, which is asked once. `who`: whose question it is, such as a client or what signs for it;
   * undefined: nobody's. Questions of one name must be answered alike.
   */
  once<Answer>(
    who: object | undefined,
    question: readonly unknown[],
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const answers = this.#answers.get(who ?? NOBODY) ?? new Map<string, Promise<unknown>>()
    this.#answers.set(who ?? NOBODY, answers)
    const name = JSON.stringify(question)
    const known = answers.get(name)
    // Who asks under a name knows what is answered.
    if (known) return known as Promise<Answer>
    const answer = ask()
    answers.set(name, answer)
    return answer
  }
}
