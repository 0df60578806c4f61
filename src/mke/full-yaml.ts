// Imported late as a whole: bundled, a late import of the package itself would have no names in it.
export { LineCounter, parseAllDocuments, visit } from "yaml";
