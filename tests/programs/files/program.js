// What a program for QuickJS does with its library: text, numbers, classes, files, time, promises.
import * as std from "qjs:std";
import * as os from "qjs:os";

print(JSON.stringify({ squares: [1, 2, 3].map((x) => x * x), text: "ünïcode".toUpperCase() }));
print(/(\d+)-(\w+)/.exec("12-abc").slice(1), [3, 1, 2].toSorted(), Math.sqrt(2), 0.1 + 0.2);

class Counter {
  #count = 5n;
  get large() {
    return this.#count ** 20n;
  }
}
print(new Counter().large);

const [names, error] = os.readdir("/");
print(names.sort().join(" "), error);
const file = std.open("/out.txt", "w");
file.puts("written by a script\n");
file.close();
print(std.loadFile("/out.txt").trim(), os.stat("/out.txt")[0].size);
print(os.rename("/out.txt", "/moved.txt"), os.remove("/moved.txt"), std.loadFile("/out.txt"));
print(std.open("/../secret", "r") === null ? "refused" : "opened");

let sum = 0;
for (let i = 0; i < 50_000; i++) sum = (sum * 31 + i) | 0;
print(sum, scriptArgs.slice(1).join("|"));

const started = Date.now();
os.sleep(30);
print(Date.now() - started >= 30);
try {
  null.x;
} catch (error) {
  print(error instanceof TypeError);
}
await null;
print("after a promise");
std.exit(7);
