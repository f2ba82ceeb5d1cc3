//! The paper as one HTML file, made for a printer: a step stays on its page, boxes can be ticked with a pen.

use std::fmt::Write as _;

use super::{Block, Paper, Word};
use crate::report::page::{Page, escape};

const STYLE: &str = "
body { max-width: 52rem; }
.step { margin: 0.9rem 0 0; padding-left: 0.75rem; border-left: 2px solid var(--line); break-inside: avoid; }
.step.destroys { border-left-color: var(--bad); }
.step h3 { margin: 0 0 0.25rem; }
.step h3 code { font-weight: normal; color: var(--muted); font-size: 0.8em; }
.blank { display: flex; gap: 0.5rem; align-items: baseline; flex-wrap: wrap; }
.blank::after { content: ''; flex: 1 1 8rem; min-height: 1.6em; border-bottom: 1px solid var(--ink); }
.done { display: flex; gap: 0.5rem; align-items: center; margin: 0.35rem 0 0; }
.done::after { content: ''; width: 6rem; height: 1.2em; border-bottom: 1px solid var(--ink); }
.done::before { content: ''; width: 1em; height: 1em; border: 1.5px solid var(--ink); flex: none; }
.nest1 { margin-left: 1rem; } .nest2 { margin-left: 2rem; } .nest3 { margin-left: 3rem; }
@media (max-width: 40rem) { .nest1, .nest2, .nest3 { margin-left: 0; } }
@media print { @page { margin: 15mm; } body { font-size: 10.5pt; } pre { background: none; } h2 { break-after: avoid; } }
";

/// The whole document.
#[must_use]
pub fn html(paper: &Paper) -> String {
    let mut page = Page::new(&paper.title).style(STYLE);
    page.add(&format!("<h1>{}</h1>", escape(&paper.title)));
    let mut is_open = false;
    for block in &paper.blocks {
        if is_open && matches!(block, Block::Step { .. } | Block::Section(_)) {
            page.add("</section>");
            is_open = false;
        }
        match block {
            Block::Section(title) => page.heading(&title.to_lowercase().replace(' ', "-"), title),
            Block::Step { depth, number, title, id, destroys } => {
                let (nest, destroys) = ((*depth).min(3), if *destroys { " destroys" } else { "" });
                page.add(&format!("<section class=\"step nest{nest}{destroys}\">"));
                page.add(&format!("<h3>{number} {} <code>{}</code></h3>", escape(title), escape(id)));
                is_open = true;
            }
            Block::Say(words) => page.add(&format!("<p>{}</p>", sentence(words))),
            Block::Points(points) => {
                let mut list = "<ul>".to_owned();
                for point in points {
                    let _ = write!(list, "<li>{}</li>", sentence(point));
                }
                page.add(&(list + "</ul>"));
            }
            Block::Type(lines) => page.add(&format!("<pre>{}</pre>", escape(&lines.join("\n")))),
            Block::Blank(words) => page.add(&format!("<p class=\"blank\">{}</p>", sentence(words))),
            Block::Done => page.add("<p class=\"done\">done at</p>"),
        }
    }
    if is_open {
        page.add("</section>");
    }
    page.render()
}

fn sentence(words: &[Word]) -> String {
    let word = |word: &Word| match word {
        Word::Plain(text) => escape(text).into_owned(),
        Word::Strong(text) => format!("<strong>{}</strong>", escape(text)),
        Word::Code(text) => format!("<code>{}</code>", escape(text)),
    };
    let all: String = words.iter().map(word).collect();
    // One child of a line to write on, not one for each word.
    format!("<span>{all}</span>")
}
