// Who is signed in, and the presence ID that stands for them. In memory; yours are in a database.
import { createHmac, randomBytes } from 'node:crypto';

export class Sessions {
  #users = new Map(); // session ID, which is the cookie's value → user
  #counts = new Map(); // presence ID → sessions of that user
  #secret = randomBytes(32);

  // The same for all sessions of a user, who then counts once, and made from the name with a secret: the
  // page shows it and URLs hold it, so it must be neither the session ID nor guessable.
  presenceId(user) {
    return createHmac('sha256', this.#secret).update(user).digest('base64url');
  }

  // The ID of a new session.
  signIn(user) {
    const id = randomBytes(24).toString('base64url');
    this.#users.set(id, user);
    this.#count(user, 1);
    return id;
  }

  signOut(id) {
    const user = this.#users.get(id);
    if (user !== undefined) this.#count(user, -1);
    this.#users.delete(id);
  }

  // Undefined where nobody is signed in.
  userOf(id) {
    return this.#users.get(id);
  }

  has(presenceId) {
    return this.#counts.has(presenceId);
  }

  #count(user, change) {
    const presenceId = this.presenceId(user);
    const count = (this.#counts.get(presenceId) ?? 0) + change;
    if (count > 0) this.#counts.set(presenceId, count);
    else this.#counts.delete(presenceId);
  }
}
