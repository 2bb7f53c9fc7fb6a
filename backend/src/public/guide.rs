//! The guides: « Raccorder un service », for those who write policies, and the tutorials for developers. Each is a Markdown
//! file drawn as a page.

use std::sync::LazyLock;

use actix_web::{HttpResponse, get};
use minijinja::{Value, context};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::{About, Visit};
use crate::error::Result;

/// The guide as it is written.
pub const TEXT: &str = include_str!("../../templates/raccordement.md");

struct Guide {
    title: String,
    summary: Vec<Entry>,
    content: String,
}

struct Entry {
    id: String,
    text: String,
}

static GUIDE: LazyLock<Guide> = LazyLock::new(|| drawn(TEXT));
static TUTORIALS: LazyLock<Guide> = LazyLock::new(|| drawn(include_str!("../../templates/tutoriels.md")));

/// How a policy is written.
#[get("/raccordement")]
pub async fn show(visit: Visit) -> Result<HttpResponse> {
    let summary =
        "Comment une API est ajoutée à DataPass\u{a0}: un fichier dit ce que sa demande d’habilitation contient.";
    page_of(&visit, &GUIDE, summary, "/raccordement")
}

/// How the API is called, and calls are received.
#[get("/tutoriels")]
pub async fn tutorials(visit: Visit) -> Result<HttpResponse> {
    let summary = "Appeler l’API de DataPass, recevoir ses appels et ouvrir les accès, pas à pas.";
    page_of(&visit, &TUTORIALS, summary, "/tutoriels")
}

fn page_of(visit: &Visit, guide: &Guide, summary: &str, path: &str) -> Result<HttpResponse> {
    let entries: Value = guide.summary.iter().map(|entry| context! { id => &entry.id, text => &entry.text }).collect();
    let values = context! { entries, content => &guide.content };
    visit.page(About::page(guide.title.as_str(), summary, path), "public/guide.html", values)
}

/// The title is the heading of level 1; headings of level 2 make the summary; tables can be scrolled on a phone.
fn drawn(text: &str) -> Guide {
    let mut guide = Guide { title: String::new(), summary: Vec::new(), content: String::new() };
    let mut events = Vec::new();
    let mut heading: Option<(HeadingLevel, String)> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { level, .. }), _) => heading = Some((level, String::new())),
            (Event::Text(text) | Event::Code(text), Some((_, written))) => written.push_str(&text),
            (Event::End(TagEnd::Heading(level)), _) => {
                let text = heading.take().map(|(_, text)| text).unwrap_or_default();
                if level == HeadingLevel::H1 {
                    guide.title = text;
                    continue;
                }
                let id = slug(&text);
                let linked = Some(CowStr::from(id.clone()));
                let (classes, attrs) = (Vec::new(), Vec::new());
                events.push(Event::Start(Tag::Heading { level, id: linked, classes, attrs }));
                events.push(Event::Text(CowStr::from(text.clone())));
                events.push(Event::End(TagEnd::Heading(level)));
                if level == HeadingLevel::H2 {
                    guide.summary.push(Entry { id, text });
                }
            }
            // A region that scrolls must be reachable by keyboard (WCAG 2.1.1).
            (Event::Start(Tag::Table(columns)), _) => {
                events.push(Event::Html(CowStr::Borrowed(
                    "<div class=\"dp-scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Tableau\">",
                )));
                events.push(Event::Start(Tag::Table(columns)));
            }
            (Event::End(TagEnd::Table), _) => {
                events.push(Event::End(TagEnd::Table));
                events.push(Event::Html(CowStr::Borrowed("</div>")));
            }
            (event, _) => events.push(event),
        }
    }
    html::push_html(&mut guide.content, events.into_iter());
    guide
}

fn slug(text: &str) -> String {
    let plain = crate::connection::search::normalise(text);
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_can_be_linked_to_and_text_is_escaped() {
        let guide = drawn("# Le titre\n\n## Été & `x`\n\n| a |\n|---|\n| <b> |\n");
        assert_eq!(guide.title, "Le titre");
        assert_eq!(guide.summary.first().map(|entry| entry.id.as_str()), Some("ete-x"));
        assert!(guide.content.contains("<h2 id=\"ete-x\">Été &amp; x</h2>"), "{}", guide.content);
        assert!(guide.content.contains("<div class=\"dp-scroll\""), "{}", guide.content);
    }
}
