// Starts ReDoc with the configuration that the page carries as data.
const { library, document: address, options } = JSON.parse(document.getElementById("docs-config").textContent);
const element = document.getElementById("redoc");

// Where there are workers, ReDoc compiles one for its search from text, which the page's policy forbids; without, it
// searches in place.
globalThis.Worker = undefined;

async function load() {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(`${address} answered ${response.status}`);
  }
  return response.json();
}

try {
  const [{ init }, description] = await Promise.all([import(library), load()]);
  // ReDoc gets the document, not its address: given the address, it offers to send it to services elsewhere.
  init(description, options, element);
} catch (error) {
  element.textContent = `The API description could not be shown: ${error.message}`;
  throw error;
}
