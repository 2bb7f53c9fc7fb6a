//! Revokes a role, or those of a kind for all APIs of a provider.

use leptos::prelude::*;
use shared::user::{NewProviderRoleChange, NewRoleChange};

use super::chosen_role::Chosen;
use super::role_labels::RoleLabels;
use crate::api::{self, administration};
use crate::components::done::Done;
use crate::components::field::TextInput;
use crate::shell::submitting::{FormDialog, missing_reason, opened_by};
use crate::submission::Submission;

const REASON: &str = "retrait-raison";

/// The dialog that asks why, and does it.
#[component]
pub fn RevokeRoleDialog(
    /// Whose role, and which; nothing until one is to be revoked.
    asked: RwSignal<Option<(String, Chosen)>>,
    labels: RoleLabels,
    /// What was just done, by e-mail address.
    done: Done,
    /// Called once it is done.
    on_done: Callback<()>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submission = Submission::new("retirer-un-role", &[("/reason", REASON)], move || missing_reason(reason));
    let open = opened_by(asked, submission, reason);
    let on_confirm = Callback::new(move |()| {
        let Some((email, role)) = asked.get_untracked().filter(|_| submission.is_ready()) else { return };
        let done_word = if matches!(role, Chosen::All(..)) { "Rôles retirés" } else { "Rôle retiré" };
        let said = format!("{done_word}\u{a0}: {} à {email}.", untrack(|| labels.label_of(&role)));
        let (to, reason, granted) = (email.clone(), reason.get_untracked(), false);
        let call = match role {
            Chosen::One(role) => api::change_role(NewRoleChange { email, role, granted, reason }),
            Chosen::All(role, provider) => {
                administration::change_provider_role(&NewProviderRoleChange { email, provider, role, granted, reason })
            }
        };
        submission.send(call, move |_| {
            open.set(false);
            done.tell(to, said);
            on_done.run(());
        });
    });
    let by_count = move |one: &'static str, several: &'static str| {
        Signal::derive(move || {
            let is_several = asked.with(|asked| matches!(asked, Some((_, Chosen::All(..)))));
            if is_several { several } else { one }.to_owned()
        })
    };
    view! {
        <FormDialog
            id="retirer-un-role"
            title=by_count("Retirer ce rôle\u{a0}?", "Retirer ces rôles\u{a0}?")
            open
            submission
            confirm=by_count("Retirer le rôle", "Retirer les rôles")
            refused="Rien n’a été retiré"
            on_confirm
        >
            <p>{move || asked.get().map(|(email, role)| format!("{} – {email}", labels.label_of(&role)))}</p>
            <TextInput
                id=REASON
                label="Raison"
                required=true
                autocomplete="off"
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
        </FormDialog>
    }
}
