const key = 'pursight.role';

/** The role with which this window works: two windows of one person may work with two. Only its name is kept. */
export function chosenRole(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keepRole(role: string): void {
  try {
    sessionStorage.setItem(key, role);
  } catch {
    // then a reload begins with the usual role
  }
}
