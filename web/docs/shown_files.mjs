// Markdown that shows files: the code block after `<!-- file: path -->` holds that file.

const SHOWN = /(<!-- file: (\S+) -->\n```\w*\n)[^]*?(```)/g;

// `markdown` with each of these blocks as `read(path)` says.
export function showFiles(markdown, read) {
  return markdown.replace(SHOWN, (_, head, file, tail) => head + read(file) + tail);
}
