//! The frame of every HTML page that this program writes, and the only place where text becomes markup: one file that asks for
//! nothing else (no script, no font, no picture from elsewhere), right in light and dark, on paper and on a phone. `report` and
//! `history` both build on it; it knows nothing of what they show.
//!
//! Text goes through [`escape`], always; whoever calls [`Page::add`] hands over markup and has escaped what others wrote. The style
//! ([`css`]) has classes for what pages share: `muted good bad warn info other` (colours of text), [`badge`], [`tiles`], [`table`]
//! (scrolls in its own box), `plots` (a grid of figures), `legend`, `screen` (not on paper), and in SVG `plot frame rule trace
//! objective strong`, `mark` with a tone, `fill-` with a tone.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::visible;

/// Nothing is fetched and nothing runs, whatever a page holds: the style and the empty icon are part of the file.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// The style of every page.
#[must_use]
pub const fn css() -> &'static str {
    include_str!("page.css")
}

/// Text that others wrote, as markup of an element or of a quoted attribute: it appears as it is, and control characters and
/// bidirectional marks appear escaped. Line feeds stay.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    let shown = visible::block(text);
    if !shown.contains(['&', '<', '>', '"', '\'']) {
        return shown;
    }
    let mut markup = String::with_capacity(shown.len() + 16);
    for c in shown.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            c => markup.push(c),
        }
    }
    Cow::Owned(markup)
}

/// What a thing is like; never said by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Needs attention.
    Warn,
    /// Worth telling apart.
    Info,
    /// Worth telling apart from that, too.
    Other,
    /// Nothing to say.
    Plain,
}

impl Tone {
    /// The class in the style.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Other => "other",
            Self::Plain => "muted",
        }
    }
}

/// A page under construction.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    style: String,
    body: String,
}

impl Page {
    /// With this title, text.
    #[must_use]
    pub fn new(title: &str) -> Self {
        Self { title: visible::line(title).into_owned(), style: String::new(), body: String::new() }
    }

    /// More style, behind [`css`]; the page's own words, never text of others.
    #[must_use]
    pub fn style(mut self, css: &str) -> Self {
        self.style.push_str(css);
        self
    }

    /// Adds markup.
    pub fn add(&mut self, markup: &str) {
        self.body.push_str(markup);
        self.body.push('\n');
    }

    /// Adds a paragraph, text.
    pub fn say(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", escape(text));
    }

    /// Adds a heading, text, that a link can point at.
    pub fn heading(&mut self, anchor: &str, text: &str) {
        let _ = writeln!(self.body, "<h2 id=\"{}\">{}</h2>", escape(anchor), escape(text));
    }

    /// The whole file.
    #[must_use]
    pub fn render(self) -> String {
        let title = escape(&self.title);
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<link rel=\"icon\" href=\"data:,\">\n\
             <title>{title}</title>\n<style>\n{css}{own}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
            css = css(),
            own = self.style,
            body = self.body,
        )
    }
}

/// A word in a frame.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> String {
    format!("<span class=\"badge {}\">{}</span>", tone.class(), escape(text))
}

/// A figure that matters.
#[derive(Clone, Debug)]
pub struct Tile {
    /// What it is, text.
    pub label: String,
    /// The figure, text.
    pub value: String,
    /// A word more, text; empty: none.
    pub note: String,
    /// How it is.
    pub tone: Tone,
}

/// Figures beside each other.
#[must_use]
pub fn tiles(tiles: &[Tile]) -> String {
    let mut markup = "<dl class=\"tiles\">".to_owned();
    for tile in tiles {
        let tone = if tile.tone == Tone::Plain { "strong" } else { tile.tone.class() };
        let note = if tile.note.is_empty() { String::new() } else { format!("<small>{}</small>", escape(&tile.note)) };
        let (label, value) = (escape(&tile.label), escape(&tile.value));
        let _ = write!(markup, "<div><dt>{label}</dt><dd><span class=\"{tone}\">{value}</span>{note}</dd></div>");
    }
    markup.push_str("</dl>");
    markup
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub struct Cell {
    markup: String,
    class: &'static str,
}

impl Cell {
    /// Text; long text breaks.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let class = if text.chars().count() > 40 { "text" } else { "" };
        Self { markup: escape(text).into_owned(), class }
    }

    /// A number with its unit, text: to the right, in one line.
    #[must_use]
    pub fn number(text: &str) -> Self {
        Self { markup: escape(text).into_owned(), class: "num" }
    }

    /// Markup that may break.
    #[must_use]
    pub fn broken(markup: impl Into<String>) -> Self {
        Self { markup: markup.into(), class: "" }
    }

    /// Markup, in one line.
    #[must_use]
    pub fn markup(markup: impl Into<String>) -> Self {
        Self { markup: markup.into(), class: "nowrap" }
    }
}

/// A table in a box that scrolls when it is wide; `label` says to a screen reader what it is. The first cell of a row names it. A
/// column's heading stands as its cells do.
#[must_use]
pub fn table(label: &str, head: &[&str], rows: &[Vec<Cell>]) -> String {
    let label = escape(label);
    let mut markup = format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\"><table aria-label=\"{label}\"><thead><tr>"
    );
    for (at, name) in head.iter().enumerate() {
        let is_number = rows.iter().any(|row| row.get(at).is_some_and(|cell| cell.class == "num"));
        let class = if is_number { " class=\"num\"" } else { "" };
        let _ = write!(markup, "<th scope=\"col\"{class}>{}</th>", escape(name));
    }
    markup.push_str("</tr></thead><tbody>\n");
    for row in rows {
        markup.push_str("<tr>");
        for (at, Cell { markup: cell, class }) in row.iter().enumerate() {
            let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
            let (open, close) = if at == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            let _ = write!(markup, "<{open}{class}>{cell}</{close}>");
        }
        markup.push_str("</tr>\n");
    }
    markup.push_str("</tbody></table></div>");
    markup
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_text() {
        assert_eq!(
            escape("<script>alert('1')</script> & \"x\""),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;"
        );
        assert_eq!(escape("red\x1b[31m \u{202e}dlrow"), "red\\x1b[31m \\u{202e}dlrow");
        assert!(matches!(escape("plain ünïcode ✓"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_part_escapes_its_text() {
        let evil = "<script>1</script>\"'";
        let mut page = Page::new(evil);
        page.say(evil);
        page.heading("x", evil);
        page.add(&badge(Tone::Bad, evil));
        let tile = |text: &str| Tile { label: text.into(), value: text.into(), note: text.into(), tone: Tone::Good };
        page.add(&tiles(&[tile(evil)]));
        page.add(&table(evil, &[evil], &[vec![Cell::text(evil)], vec![Cell::number(evil)]]));
        let html = page.render();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains(evil), "{html}");
    }

    #[test]
    fn a_page_asks_for_nothing() {
        let html = Page::new("t").render();
        for word in ["http:", "https:", "url(", "@import", "<script", "src="] {
            assert!(!html.contains(word), "{word} in {html}");
        }
    }
}
