// Hello from AssemblyScript, arguments included.
const words = process.argv.slice(1);
console.log("Hello from AssemblyScript, " + words.length.toString() + (words.length == 1 ? " argument." : " arguments."));
for (let index = 0; index < words.length; index++) {
  console.log((index + 1).toString().padStart(2) + ": " + words[index]);
}
