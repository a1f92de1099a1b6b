// How the search ranks what it finds: Sphinx's own figures, put into its searchtools.js.
// And how it names what it finds: an entry of the index by its section, like a title. A word of the
// glossary comes after the sections that show it.
const sectionAt = (docname, anchor) => {
  const {alltitles, docnames} = Search._index;
  const stands = ([file, id]) => docnames[file] === docname && `#${id}` === anchor;
  return Object.keys(alltitles).find((title) => alltitles[title].some(stands));
};

var Scorer = {
  score: (result) => {
    const [docname, title, anchor, , score, , kind] = result;
    const section = kind === SearchResultKind.index && sectionAt(docname, anchor);
    if (section && section !== title) result[1] = `${title} > ${section}`;
    return docname === "glossary" ? score - 15 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: {0: 15, 1: 5, 2: -5},
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
