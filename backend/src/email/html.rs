//! The HTML part of a mail, made of its text, which stays what is written and kept.
//!
//! Paragraphs, lines that begin with « - », and addresses are told as what they are. Nothing else of the text means
//! anything, and nothing is added to it.

use minijinja::{Value, context};
use shared::api::Mail;
use shared::validation::formats::is_email;

use crate::error::Result;
use crate::templates;

/// What begins an item of a list.
const ITEM: &str = "- ";

/// What may stand before an address without being a part of it.
const BEFORE: [char; 4] = ['(', '[', '<', '«'];

/// The same after it.
const AFTER: [char; 11] = ['.', ',', ';', ':', '!', '?', ')', ']', '>', '»', '…'];

/// What stands between two empty lines, or a run of items there.
enum Block {
    Paragraph(Vec<Line>),
    List(Vec<Vec<Line>>),
}

/// Its parts: a text each, and where it leads; nowhere where it is no address.
type Line = Value;

impl From<Block> for Value {
    fn from(block: Block) -> Self {
        match block {
            Block::Paragraph(lines) => context! { paragraph => lines },
            Block::List(items) => context! { list => items },
        }
    }
}

/// The HTML part of that mail.
///
/// # Errors
/// The layout cannot be filled in.
pub fn render(mail: &Mail) -> Result<String> {
    let blocks: Value = blocks(&mail.body).into_iter().map(Value::from).collect();
    templates::render("mails/layout.html", context! { subject => &mail.subject, blocks })
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            goes_on = false;
            continue;
        }
        let item = line.strip_prefix(ITEM);
        let told = pieces(item.unwrap_or(line));
        match (blocks.last_mut().filter(|_| goes_on), item) {
            (Some(Block::List(items)), Some(_)) => items.push(vec![told]),
            (_, Some(_)) => blocks.push(Block::List(vec![vec![told]])),
            // As in Markdown, a line below an item belongs to it.
            (Some(Block::List(items)), None) => {
                if let Some(item) = items.last_mut() {
                    item.push(told);
                }
            }
            (Some(Block::Paragraph(lines)), None) => lines.push(told),
            (None, None) => blocks.push(Block::Paragraph(vec![told])),
        }
        goes_on = true;
    }
    blocks
}

/// A line, cut where an address begins and ends.
fn pieces(line: &str) -> Line {
    let (mut pieces, mut plain) = (Vec::new(), String::new());
    let piece = |text: &str, href: String| context! { text, href };
    for word in line.split_inclusive(char::is_whitespace) {
        let address = word.trim_start_matches(BEFORE).trim_end().trim_end_matches(AFTER);
        match href(address).zip(word.split_once(address)) {
            Some((href, (before, after))) => {
                plain.push_str(before);
                pieces.push(piece(&plain, String::new()));
                pieces.push(piece(address, href));
                plain.clear();
                plain.push_str(after);
            }
            None => plain.push_str(word),
        }
    }
    pieces.push(piece(&plain, String::new()));
    pieces.into_iter().collect()
}

/// Where that word leads, if it is an address.
fn href(word: &str) -> Option<String> {
    if word.starts_with("https://") || word.starts_with("http://") {
        Some(word.to_owned())
    } else {
        is_email(word).then(|| format!("mailto:{word}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, body: &str) -> Mail {
        Mail { to: "a@exemple.fr".to_owned(), subject: subject.to_owned(), body: body.to_owned() }
    }

    /// What a reader reads: without tags, with what they escape.
    fn read(html: &str) -> String {
        let (_, body) = html.split_once("<body>").unwrap();
        let mut text = String::new();
        for part in body.split('<') {
            text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
        }
        let escapes =
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/"), ("&amp;", "&")];
        escapes.iter().fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
    }

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().filter(|word| *word != "-").collect()
    }

    const TEXT: &str = "Bonjour,\n\nVotre demande «\u{a0}R&D <script>alert('x')</script>\u{a0}» attend\u{a0}:\n\
        - Intitulé\u{a0}: précisez \"a < b\"\n  sur deux lignes\n- Finalité\n\n\
        Voir https://exemple.fr/demandes/1?a=1&b=2#messages.\nÉcrivez à aide@exemple.fr\u{a0}; (ou à l’équipe).\r\n\r\nL’équipe";

    #[test]
    fn nothing_of_the_text_is_lost_and_nothing_is_added() {
        let html = render(&mail("Objet", TEXT)).unwrap();
        assert_eq!(words(&read(&html)), words(TEXT));
        assert!(html.contains('\u{a0}'), "spaces that hold words together");
    }

    #[test]
    fn nothing_of_the_text_becomes_a_tag() {
        let evil = "<script>alert(1)</script> \" onload='x' https://exemple.fr/\"><img/src=x> javascript:alert(1)";
        let html = render(&mail(evil, evil)).unwrap();
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("\"javascript:"), "{html}");
        assert_eq!(words(&read(&html)), words(evil));
        let (href, _) = html.split_once("href=\"").unwrap().1.split_once('"').unwrap();
        assert!(href.ends_with("&quot;&gt;&lt;img&#x2f;src=x"), "{href}");
    }

    #[test]
    fn paragraphs_lists_and_addresses_are_told_as_such() {
        let html = render(&mail("Objet", TEXT)).unwrap();
        for tag in ["<html lang=\"fr\">", "<title>Objet</title>", "prefers-color-scheme: dark"] {
            assert!(html.contains(tag), "{tag} {html}");
        }
        assert_eq!((html.matches("<p>").count(), html.matches("<li>").count()), (4, 2), "{html}");
        let link = "<a href=\"https:&#x2f;&#x2f;exemple.fr&#x2f;demandes&#x2f;1?a=1&amp;b=2#messages\">";
        assert!(html.contains(link) && html.contains("#messages</a>."), "{html}");
        assert!(html.contains("<a href=\"mailto:aide@exemple.fr\">aide@exemple.fr</a>\u{a0};"), "{html}");
        let (before, after) = html.split_once("sur deux lignes").unwrap();
        assert!(before.ends_with("<br>\n  ") && after.starts_with("</li>"), "{html}");
    }

    #[test]
    fn it_is_small_and_fetches_nothing() {
        let html = render(&mail("Objet", TEXT)).unwrap();
        assert!(html.len() < 4_000, "{}", html.len());
        for fetched in ["<img", "<link", "url(", "@import", "src="] {
            assert!(!html.contains(fetched), "{fetched}");
        }
    }
}
