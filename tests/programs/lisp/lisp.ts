// A small Lisp in AssemblyScript: integers, lists and closures, read from standard input, each result on a line. Values are
// objects of the garbage collector, so it is the allocator and the collector that are tried, as much as the interpreter.

enum Kind { Nil, Int, Symbol, Pair, Builtin, Closure }

class Value {
  kind: Kind;
  int: i64 = 0;
  text: string = "";
  // A pair's parts, or a closure's parameters and body.
  first: Value | null = null;
  rest: Value | null = null;
  scope: Scope | null = null;
  constructor(kind: Kind) { this.kind = kind; }
}

class Scope {
  names: Map<string, Value> = new Map();
  constructor(public outer: Scope | null) {}
  find(name: string): Value | null {
    for (let scope: Scope | null = this; scope; scope = scope.outer) {
      if (scope.names.has(name)) return scope.names.get(name);
    }
    return null;
  }
}

const nil = new Value(Kind.Nil);
let failed = "";

function fail(reason: string): Value {
  if (!failed.length) failed = reason;
  return nil;
}

function int(value: i64): Value { const made = new Value(Kind.Int); made.int = value; return made; }
function symbol(text: string): Value { const made = new Value(Kind.Symbol); made.text = text; return made; }
function pair(first: Value, rest: Value): Value {
  const made = new Value(Kind.Pair);
  made.first = first;
  made.rest = rest;
  return made;
}
function first(list: Value): Value { const part = list.first; return part ? part : fail("a list is too short"); }
function rest(list: Value): Value { const part = list.rest; return part ? part : nil; }

// ---- text to values ----

let source = "";
let at = 0;

function skip(): void {
  while (at < source.length && source.charCodeAt(at) <= 32) at++;
  if (at < source.length && source.charAt(at) == ";") {
    while (at < source.length && source.charAt(at) != "\n") at++;
    skip();
  }
}

function parse(): Value {
  skip();
  if (at >= source.length) return fail("the program ends inside of a list");
  if (source.charAt(at) == "'") { at++; return pair(symbol("quote"), pair(parse(), nil)); }
  if (source.charAt(at) == ")") { at++; return fail("a parenthesis that nothing opens"); }
  if (source.charAt(at) != "(") return atom();
  at++;
  const items = new Array<Value>();
  for (skip(); !failed.length && !(at < source.length && source.charAt(at) == ")"); skip()) items.push(parse());
  at++;
  let list = nil;
  for (let index = items.length - 1; index >= 0; index--) list = pair(items[index], list);
  return list;
}

function atom(): Value {
  const from = at;
  while (at < source.length && source.charCodeAt(at) > 32 && !"()';".includes(source.charAt(at))) at++;
  const text = source.substring(from, at);
  const digits = text.startsWith("-") ? text.substring(1) : text;
  for (let index = 0; index < digits.length; index++) {
    const code = digits.charCodeAt(index);
    if (code < 48 || code > 57) return symbol(text);
  }
  return digits.length ? int(I64.parseInt(text)) : symbol(text);
}

// ---- values to text ----

function show(value: Value): string {
  switch (value.kind) {
    case Kind.Nil: return "()";
    case Kind.Int: return value.int.toString();
    case Kind.Pair: {
      const parts = new Array<string>();
      for (let list = value; list.kind == Kind.Pair; list = rest(list)) parts.push(show(first(list)));
      return "(" + parts.join(" ") + ")";
    }
    case Kind.Closure: return "a function";
    default: return value.text;
  }
}

// ---- evaluation ----

function evaluate(value: Value, scope: Scope): Value {
  while (!failed.length) {
    if (value.kind == Kind.Symbol) {
      const found = scope.find(value.text);
      return found ? found : fail("nothing is called " + value.text);
    }
    if (value.kind != Kind.Pair) return value;
    const head = first(value), tail = rest(value);
    if (head.kind == Kind.Symbol) {
      if (head.text == "quote") return first(tail);
      if (head.text == "define") {
        scope.names.set(first(tail).text, evaluate(first(rest(tail)), scope));
        return symbol(first(tail).text);
      }
      if (head.text == "lambda") {
        const closure = new Value(Kind.Closure);
        closure.first = first(tail);
        closure.rest = rest(tail);
        closure.scope = scope;
        return closure;
      }
      if (head.text == "if") {
        const holds = evaluate(first(tail), scope).kind != Kind.Nil;
        value = first(holds ? rest(tail) : rest(rest(tail)));
        continue;
      }
    }
    const called = evaluate(head, scope);
    const given = new Array<Value>();
    for (let list = tail; list.kind == Kind.Pair; list = rest(list)) given.push(evaluate(first(list), scope));
    if (failed.length) return nil;
    if (called.kind == Kind.Builtin) return builtin(called.text, given);
    if (called.kind != Kind.Closure) return fail(show(called) + " is no function");
    // A call in the last place takes no stack.
    scope = bind(called, given);
    for (value = rest(called); rest(value).kind == Kind.Pair; value = rest(value)) evaluate(first(value), scope);
    value = first(value);
  }
  return nil;
}

function bind(closure: Value, given: Array<Value>): Scope {
  const scope = new Scope(closure.scope);
  let index = 0;
  for (let names = first(closure); names.kind == Kind.Pair; names = rest(names), index++) {
    if (index < given.length) scope.names.set(first(names).text, given[index]);
  }
  if (index != given.length) fail(index.toString() + " arguments wanted, " + given.length.toString() + " given");
  return scope;
}

function truth(holds: bool): Value { return holds ? symbol("t") : nil; }

function builtin(name: string, given: Array<Value>): Value {
  if (name == "list") {
    let list = nil;
    for (let index = given.length - 1; index >= 0; index--) list = pair(given[index], list);
    return list;
  }
  const one = given.length > 0 ? given[0] : nil, two = given.length > 1 ? given[1] : nil;
  if (name == "cons") return pair(one, two);
  if (name == "car") return first(one);
  if (name == "cdr") return rest(one);
  if (name == "null") return truth(one.kind == Kind.Nil);
  if (one.kind != Kind.Int || two.kind != Kind.Int) return fail(name + " takes two numbers");
  const a = one.int, b = two.int;
  if (name == "+") return int(a + b);
  if (name == "-") return int(a - b);
  if (name == "*") return int(a * b);
  if (name == "<") return truth(a < b);
  if (name == "=") return truth(a == b);
  if (b == 0) return fail("division by zero");
  return int(name == "/" ? a / b : a % b);
}

// ---- the program ----

function input(): string {
  const block = new ArrayBuffer(512);
  let bytes = new Uint8Array(0);
  for (let len = process.stdin.read(block); len > 0; len = process.stdin.read(block)) {
    const longer = new Uint8Array(bytes.length + len);
    longer.set(bytes);
    longer.set(Uint8Array.wrap(block, 0, len), bytes.length);
    bytes = longer;
  }
  return String.UTF8.decode(bytes.buffer);
}

const world = new Scope(null);
const BUILTINS = ["+", "-", "*", "/", "%", "<", "=", "cons", "car", "cdr", "list", "null"];
for (let index = 0; index < BUILTINS.length; index++) {
  const value = new Value(Kind.Builtin);
  value.text = BUILTINS[index];
  world.names.set(BUILTINS[index], value);
}
source = input();
for (skip(); at < source.length && !failed.length; skip()) {
  const result = evaluate(parse(), world);
  if (!failed.length) console.log(show(result));
}
if (failed.length) {
  console.log("error: " + failed);
  process.exit(1);
}
