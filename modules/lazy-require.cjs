// Lever 2 of the synth (docs/architecture.md, "Speed"): the generated index of a provider package requires every one of
// its thousand submodules. This hook turns those requires into getters, so that Node loads only what an app uses.
// An index of another shape is compiled untouched; tests/synth compares the output with and without the hook.
"use strict";
const fs = require("fs");
const Module = require("module");

const INDEX = /[\\/]node_modules[\\/]@cdkt[fn][\\/]provider-[^\\/]+[\\/]lib[\\/]index\.js$/;
const EAGER = /^exports\.([A-Za-z0-9_$]+) = (?:__importStar\()?require\("(\.\/[^"]+)"\)\)?;$/gm;
const HOISTED = /^(exports\.[A-Za-z0-9_$]+ = )+void 0;$/gm;
const compileAsUsual = Module._extensions[".js"];

Module._extensions[".js"] = function (module, filename) {
  if (!INDEX.test(filename)) return compileAsUsual(module, filename);
  let replaced = 0;
  const lazy = fs.readFileSync(filename, "utf8").replace(EAGER, (_line, name, path) => {
    replaced += 1;
    return `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, get() { return require("${path}"); } });`;
  });
  if (replaced === 0) return compileAsUsual(module, filename);
  // The hoisted `exports.a = exports.b = void 0` would define plain properties before the getters.
  return module._compile(lazy.replace(HOISTED, ""), filename);
};
