//! Revokes a role.

use leptos::prelude::*;
use shared::user::{NewRoleChange, Role};

use super::role_labels::RoleLabels;
use crate::api;
use crate::components::field::TextInput;
use crate::shell::submitting::{FormDialog, opened_by};
use crate::submission::Submission;

const REASON: &str = "retrait-raison";

/// The dialog that asks why, and does it.
#[component]
pub fn RevokeRoleDialog(
    /// Whose role, and which; nothing until one is to be revoked.
    asked: RwSignal<Option<(String, Role)>>,
    labels: RoleLabels,
    /// Called once it is done, with what to say.
    on_done: Callback<String>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submission = Submission::new("retirer-un-role", &[("/reason", REASON)], Vec::new);
    let open = opened_by(asked, submission, reason);
    let on_confirm = Callback::new(move |()| {
        let Some((email, role)) = asked.get_untracked() else { return };
        let said = format!("Rôle retiré\u{a0}: {} à {email}.", untrack(|| labels.label(&role)));
        let change = NewRoleChange { email, role, granted: false, reason: reason.get_untracked() };
        submission.send(api::change_role(change), move |_| {
            open.set(false);
            on_done.run(said);
        });
    });
    view! {
        <FormDialog
            id="retirer-un-role"
            title="Retirer ce rôle\u{a0}?"
            open
            submission
            confirm="Retirer le rôle"
            refused="Le rôle n’a pas été retiré"
            on_confirm
        >
            <p>{move || asked.get().map(|(email, role)| format!("{} – {email}", labels.label(&role)))}</p>
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
