//! Calls a webhook to see what its receiver answers, and shows a call that was made.

use leptos::prelude::*;
use shared::webhook::WebhookAttempt;

use crate::api::webhooks;
use crate::components::alert::{Alert, Tone};
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

#[component]
pub fn Trial(
    /// Number of the webhook.
    id: String,
) -> impl IntoView {
    let id = StoredValue::new(id);
    let submission = Submission::of_button("essai");
    let outcome = RwSignal::new(None::<WebhookAttempt>);
    let on_click = Callback::new(move |()| {
        outcome.set(None);
        submission.send(webhooks::test(id.get_value()), move |attempt| outcome.set(Some(attempt)));
    });
    view! {
        <section class="dp-section" aria-labelledby="essayer">
            <h2 class="fr-h4" id="essayer">
                "Essayer"
            </h2>
            <p>
                "L’appel porte l’événement " <code>"test"</code>
                ", ne parle d’aucune demande, et n’entre pas dans le registre. Il part même si le webhook est suspendu."
            </p>
            <RefusalAlert submission title="L’essai n’a pas eu lieu" />
            <div aria-live="polite">{move || outcome.get().map(result)}</div>
            <SubmitButton submission label="Envoyer un appel d’essai" class="fr-btn fr-btn--secondary" on_click />
        </section>
    }
}

fn result(attempt: WebhookAttempt) -> AnyView {
    let (tone, title) = if attempt.is_success() {
        (Tone::Success, "Votre service a accepté l’appel")
    } else {
        (Tone::Error, "L’appel a échoué")
    };
    view! {
        <Alert tone title>
            <p>{sentence(&attempt)}</p>
            {answer(attempt.answer)}
        </Alert>
    }
    .into_any()
}

/// « Réponse 200 en 12 ms. », « Échec après 3 ms : connexion impossible. »
pub fn sentence(attempt: &WebhookAttempt) -> String {
    let WebhookAttempt { milliseconds, status, error, .. } = attempt;
    match status {
        Some(status) if error.is_empty() => format!("Réponse {status} en {milliseconds}\u{a0}ms."),
        _ => format!("Échec après {milliseconds}\u{a0}ms\u{a0}: {error}."),
    }
}

/// What the receiver answered; nothing where it did not say anything.
pub fn answer(text: String) -> Option<AnyView> {
    (!text.is_empty()).then(|| {
        view! {
            <p class="fr-text--sm fr-mb-0">"Réponse\u{a0}:"</p>
            <pre class="dp-code">{text}</pre>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_with_its_status_or_its_error() {
        let attempt = |status, error: &str| WebhookAttempt {
            at: chrono::DateTime::default(),
            milliseconds: 12,
            status,
            error: error.to_owned(),
            answer: String::new(),
        };
        assert_eq!(sentence(&attempt(Some(204), "")), "Réponse 204 en 12\u{a0}ms.");
        assert_eq!(sentence(&attempt(Some(500), "réponse 500")), "Échec après 12\u{a0}ms\u{a0}: réponse 500.");
        assert_eq!(
            sentence(&attempt(None, "connexion impossible")),
            "Échec après 12\u{a0}ms\u{a0}: connexion impossible."
        );
    }
}
