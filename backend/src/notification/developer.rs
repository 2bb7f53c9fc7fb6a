//! The mails to the developers of an API about its webhooks.

use minijinja::context;

use super::filled;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::outbox::Payload;
use crate::models::webhook::WebhookRow;

/// What every such mail needs.
#[derive(Clone, Debug)]
pub struct MailContext {
    /// Where browsers reach us.
    pub public_url: String,
    /// Sender of the mails.
    pub mail_from: String,
}

/// Tells somebody that the calls about that enrollment fail, and, where there is a reason, that the webhook was switched off.
///
/// # Errors
/// A text that cannot be rendered.
pub fn webhook_fails(
    mail_context: &MailContext,
    webhook: &WebhookRow,
    (enrollment, error, end): (EnrollmentId, &str, Option<&str>),
    to: &str,
) -> Result<Payload> {
    let values = context! {
        target_api => &webhook.target_api,
        address => &webhook.url,
        enrollment => enrollment.0,
        error,
        end,
        url => format!("{}/developpeurs/{}", mail_context.public_url, webhook.id),
    };
    let mail = filled("mails/webhook_fails.txt", values, to)?;
    Ok(Payload::Mail {
        from: mail_context.mail_from.clone(),
        reply_to: String::new(),
        unsubscribe: String::new(),
        mail,
    })
}
