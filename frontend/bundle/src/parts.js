
let connect;
/** What the first file exports, once it has started. */
const first = new Promise((resolve) => (connect = resolve));
export { connect };

let outdated = false;
export const isOutdated = () => outdated;

const loading = [];

/** Loads a file, once; what did not come is asked for again the next time. */
function load(index) {
  return (loading[index] ??= instance(FILES[index]).catch((error) => {
    loading[index] = undefined;
    throw error;
  }));
}

async function instance(file) {
  const response = await fetch(new URL(file, import.meta.url));
  // Names carry a hash: a server that does not have one has another version of all.
  outdated ||= response.status === 404;
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  const module = await WebAssembly.compileStreaming(response);
  return WebAssembly.instantiate(module, { __wasm_split: { ...CANARY, ...(await first) } });
}

const all = (part) => Promise.all(PARTS[part].map(load));

/** Tells the WASM, by its own function, whether a part is there. */
const answer = (part) => async (callback, data) => {
  const isThere = await all(part).then(() => true, () => false);
  (await first).__indirect_function_table.get(callback)(data, isThere);
};

/** Fetches a part while nothing else happens, unless the connection is dear. A failure shows when the part is needed. */
export function fetchAhead(part) {
  if (navigator.connection?.saveData) return;
  const later = window.requestIdleCallback ?? setTimeout;
  later(() => all(part).catch(() => {}));
}
