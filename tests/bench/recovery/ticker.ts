/** Prints `number:milliseconds since BASE;` every 10 ms, five on a line, so that a screen holds two seconds. */
const [base = "0"] = process.argv.slice(2);
let number = 0;
setInterval(() => {
  const end = number % 5 === 4 ? "\n" : " ";
  process.stdout.write(`${number}:${Date.now() - Number(base)};${end}`);
  number += 1;
}, 10);
