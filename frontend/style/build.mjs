/**
 * Prints the one style sheet of DataPass: what our pages use of the DSFR (from npm, nothing of it is committed), then
 * our own app.css.
 *
 *   node style/build.mjs > datapass.css
 *
 * - Fonts and the State's emblem are left out: system fonts, no `.fr-logo`.
 * - Icons become data URIs, so the sheet needs no other file (the CSP must allow `img-src data:`).
 * - Rules that no source file can reach are dropped. Sources are read as text: a class name must stand in them whole,
 *   or as a prefix ending in `--` that is completed at run time, as in format!("fr-badge--{kind}").
 *   An icon's name that is put together at run time goes into icons.txt.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const style = dirname(fileURLToPath(import.meta.url));
const frontend = dirname(style);
const dsfr = join(frontend, "node_modules/@gouvfr/dsfr/dist");

/** What may carry a class name. */
const SOURCES = [
  join(frontend, "index.html"),
  join(style, "theme.js"),
  ...filesUnder(join(frontend, "src"), ".rs"),
  ...filesUnder(join(frontend, "../backend/templates"), ".html"),
];

/** Modifiers that code adds to a block it names, `fr-input-group` + `--error`; kept for every block in use. */
const STATES = ["error", "valid", "info", "success", "warning", "disabled", "opened", "expanded", "selected", "direction-start", "direction-end"];

/** Attributes that code may set to any value. */
const ATTRIBUTES = ["aria-controls", "aria-current", "aria-disabled", "aria-expanded", "aria-hidden", "aria-invalid",
  "aria-pressed", "aria-selected", "aria-sort", "data-fr-current-step", "data-fr-scheme",
  "data-fr-scrolling", "data-fr-steps", "data-fr-theme", "disabled", "hidden", "href", "open", "target", "title", "type"];

/** What only the server makes, of Markdown. */
const MARKDOWN = ["pre", "dp-scroll"];

const SANS = '-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif';
const SERIF = "Georgia,serif";

const content = SOURCES.map((file) => readFileSync(file, "utf8")).join("\n");
const blocks = [...new Set(content.match(/\bfr-[a-z0-9]+(?:[-_]{1,2}[a-z0-9]+)*/g) ?? [])];
const prefixes = [...new Set(content.match(/\bfr-[a-z0-9_-]+--(?![a-z0-9])/g) ?? [])];
const icons = new Set(
  readFileSync(join(style, "icons.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#")).map((name) => `fr-icon-${name}`),
);

const sheet = postcss.root();
const banner = [];
for (const file of ["dsfr.main.min.css", "utility/icons/icons.main.min.css", "dsfr.print.min.css"]) {
  sheet.append(adapted(join(dsfr, file)));
}
const known = new Set(sheet.toString().match(/\.fr-icon-[a-z0-9-]+/g)?.map((name) => name.slice(1)));
const unknown = [...icons, ...blocks.filter((name) => /^fr-icon-[a-z0-9]/.test(name))].filter((name) => !known.has(name));
if (unknown.length > 0) {
  throw new Error(`no such icon in the DSFR: ${unknown.join(", ")}`);
}
sheet.append(postcss.parse(readFileSync(join(style, "app.css"), "utf8")));
sheet.walkComments((comment) => void comment.remove());

const [{ css }] = await new PurgeCSS().purge({
  content: [{ extension: "rs", raw: [content, ...blocks.flatMap((name) => STATES.map((state) => `${name}--${state}`))].join("\n") }],
  css: [{ raw: sheet.toString() }],
  safelist: { standard: [...icons, ...MARKDOWN, ...prefixes.map((prefix) => new RegExp(`^${prefix}`))] },
  dynamicAttributes: ATTRIBUTES,
  variables: true,
  keyframes: true,
});
process.stdout.write(`@charset "UTF-8";\n${banner[0] ?? ""}\n${compact(css)}\n`);

/** A sheet of the DSFR without fonts, emblem and outside files. */
function adapted(path) {
  const root = postcss.parse(readFileSync(path, "utf8"), { from: path });
  root.walkComments((comment) => void (comment.text.startsWith("!") && banner.push(comment.toString())));
  root.walkAtRules(/^(font-face|charset)$/, (rule) => void rule.remove());
  root.walkRules(/\.fr-logo/, (rule) => {
    rule.selectors = rule.selectors.filter((selector) => !selector.includes(".fr-logo"));
    if (rule.selector === "") rule.remove();
  });
  root.walkDecls((decl) => {
    decl.value = decl.value
      .replace(/^"?Marianne"?(,.*?)?(?=!|$)/, SANS)
      .replace(/^"?Spectral"?(,.*?)?(?=!|$)/, SERIF)
      .replace(/url\("?(?!"|data:)([^)"]+)"?\)/g, (_, file) => `url("${dataUri(resolve(dirname(path), file))}")`);
  });
  return root;
}

/** An SVG file as a data URI that stays readable, and so compresses well. */
function dataUri(file) {
  const svg = readFileSync(file, "utf8").trim().replaceAll('"', "'").replace(/\s+/g, " ");
  return `data:image/svg+xml,${svg.replace(/[%#<>{}]/g, encodeURIComponent)}`;
}

/** Takes the spaces out of the part that is not minified yet (app.css). */
function compact(css) {
  const root = postcss.parse(css);
  root.walk((node) => {
    node.raws.before = "";
    if (node.type === "rule") node.selector = node.selector.replace(/\s*,\s*/g, ",").replace(/\s+/g, " ");
    if (node.nodes) Object.assign(node.raws, { between: "", after: "", semicolon: false });
    if (node.type === "decl") node.raws.between = ":";
  });
  return root.toString();
}

/** Every file with this extension in a folder and below; none when there is no such folder. */
function filesUnder(folder, extension) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(extension)).sort().map((name) => join(folder, name));
}
