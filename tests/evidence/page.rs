//! A page as a browser reads it: what it holds, and that nothing of others became more than text.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

/// What no page may show by itself: the escape of terminals, and marks that turn text around.
const HIDDEN: [char; 4] = ['\u{1b}', '\u{202e}', '\u{2066}', '\u{200b}'];

/// Elements of pages and of graphs; whatever else is on a page came from somewhere else.
const ELEMENTS: &str = "html head meta link title style body header footer nav section h1 h2 h3 p a ul ol li dl dt dd div span b i small \
                        code pre table thead tbody tr th td details summary svg g path rect circle text tspan";

/// Attributes of pages and of graphs.
const ATTRIBUTES: &str = "lang charset http-equiv content name rel href class id style scope open role tabindex aria-label \
                          aria-hidden width height viewBox d cx cy r x y dx rx transform";

/// A page.
pub struct Read {
    html: Html,
    source: String,
}

impl Read {
    pub fn of(source: &str) -> Self {
        Self { html: Html::parse_document(source), source: source.to_owned() }
    }

    pub fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.html.select(&Selector::parse(selector).unwrap()).collect()
    }

    /// The texts of every element that is selected, spaces as one.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).into_iter().map(text).collect()
    }

    /// The text of the only one.
    pub fn text(&self, selector: &str) -> String {
        let texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector}: {texts:?}");
        texts.into_iter().next().unwrap()
    }

    /// Nothing runs, nothing is fetched, nothing but text came from others: `marker` is a word that stands in everything they wrote.
    pub fn is_inert(&self, marker: &str) {
        let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
        let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
        for element in self.all("*") {
            let name = element.value().name();
            assert!(elements.contains(name), "<{name}> is on the page");
            for (attribute, value) in element.value().attrs() {
                assert!(attributes.contains(attribute), "<{name} {attribute}=\"{value}\"> is on the page");
                assert!(!value.contains(marker) || attribute == "aria-label", "<{name} {attribute}=\"{value}\">");
                assert!(attribute != "href" || value.starts_with('#') || value == "data:,", "{value}");
                assert!(!value.contains("url("), "{value}");
            }
        }
        let policy = self.all("meta[http-equiv=Content-Security-Policy]");
        assert!(
            policy[0].value().attr("content").unwrap().starts_with("default-src 'none'; style-src 'unsafe-inline'")
        );
        for hidden in HIDDEN {
            assert!(!self.source.contains(hidden), "{hidden:?} is on the page");
        }
        let style = self.text("style");
        assert!(!style.contains("url(") && !style.contains("@import"), "the style fetches something");
    }
}

/// The text of an element, spaces as one.
pub fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What an element has inside that is selected.
pub fn inside<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).unwrap()).collect()
}
