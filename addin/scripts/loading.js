// Loads a library of the vendor folder, once, only where it serves.

const loading = new Map();

/** Resolves once the script of this site at `path` has run. */
export function loadScript(path) {
  if (!loading.has(path)) {
    loading.set(path, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(path));
      document.head.append(script);
    }));
  }
  return loading.get(path);
}
