/** Ends the process with one sentence unless this Node strips types (24.12 or newer). */
export function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 12)) return;
  console.error(
    `This needs Node 24.12 or newer; this is ${process.versions.node}. Use "npm start" or "npm run ...": npm scripts use the Node 24 that "npm ci" installs.`,
  );
  process.exit(1);
}
