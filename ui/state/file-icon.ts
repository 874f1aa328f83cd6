/** The icon of a file by its name. One colour, few shapes: ux.md section 2. */

const CODE =
  /\.(c|cc|cpp|cs|css|go|h|hpp|html|java|js|jsx|kt|lua|mjs|php|py|rb|rs|sh|sql|swift|ts|tsx|vue)$/i;
const DATA = /\.(json|jsonc|toml|ya?ml)$/i;
const IMAGE = /\.(avif|bmp|gif|ico|jpe?g|png|svg|webp)$/i;

export function fileIcon(name: string): "file" | "file-code" | "file-json" | "image" {
  if (DATA.test(name)) return "file-json";
  if (IMAGE.test(name)) return "image";
  return CODE.test(name) ? "file-code" : "file";
}
