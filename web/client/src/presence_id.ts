// Who this page is, where it does not say so itself.

const STORAGE_KEY = 'livecounter.pId';

let presenceId: string | undefined;

// One presence ID for the page, handed on to the next page of the same tab: so a reload is the same viewer
// and the number does not flicker. It is in the tab's storage only while no page holds it, so that a
// duplicated tab is a viewer of its own.
export function pagePresenceId(): string {
  if (!presenceId) {
    presenceId = takeStoredId() || randomUuid();
    addEventListener('pagehide', () => useStorage((store) => store.setItem(STORAGE_KEY, presenceId!)));
    addEventListener('pageshow', takeStoredId);
  }
  return presenceId;
}

function takeStoredId(): string | null | undefined {
  return useStorage((store) => {
    const id = store.getItem(STORAGE_KEY);
    store.removeItem(STORAGE_KEY);
    return id;
  });
}

// Storage may be forbidden; then every page load is a viewer of its own.
function useStorage<T>(use: (store: Storage) => T): T | undefined {
  try {
    return use(sessionStorage);
  } catch {
    return undefined;
  }
}

// The name of a blob ends in one. Unlike crypto.randomUUID(), it is there in insecure contexts too.
function randomUuid(): string {
  return URL.createObjectURL(new Blob()).slice(-36);
}
