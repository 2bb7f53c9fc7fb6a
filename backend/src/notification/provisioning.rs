//! The mail that says that an access is open.

use minijinja::context;

use super::filled;
use crate::error::Result;
use crate::models::outbox::Payload;
use crate::outbound::managers::Order;

/// Tells somebody that the access of that authorisation is open; `link` is where one goes on, empty for nowhere.
///
/// # Errors
/// A text that cannot be rendered.
pub fn opened(order: &Order, link: &str, (public_url, mail_from): (&str, &str), to: &str) -> Result<Payload> {
    let values = context! {
        authorisation => &order.authorisation,
        intitule => &order.intitule,
        nom_raison_sociale => &order.nom_raison_sociale,
        link,
        url => format!("{public_url}/demandes/{}", order.enrollment_id),
    };
    let mail = filled("mails/access_opened.txt", values, to)?;
    Ok(Payload::Mail { from: mail_from.to_owned(), reply_to: String::new(), unsubscribe: String::new(), mail })
}
