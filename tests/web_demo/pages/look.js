// Everything that a page can look into of what it keeps; of the caches, the text where MARK stands in it.
(async () => {
  const out = {
    url: location.href, title: document.title, history: JSON.stringify(history.state), cookies: document.cookie,
    local: JSON.stringify(localStorage), session: JSON.stringify(sessionStorage), name: window.name,
  };
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const text = await (await cache.match(request)).text();
      out[`cache ${name} ${request.url}`] = text.includes("MARK") ? text : "";
    }
  }
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = await done(database.transaction(store).objectStore(store).getAll());
      out[`database ${name} ${store}`] = values.map((v) => (v instanceof Uint8Array ? new TextDecoder("latin1").decode(v) : JSON.stringify(v))).join();
    }
    database.close();
  }
  return out;
})()
