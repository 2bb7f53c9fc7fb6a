//! The head of a request: title, facts, status, what changed.

use leptos::prelude::*;
use shared::enrollment::{AuthorisationSummary, Enrollment};
use shared::event::Event;
use shared::organization::Organization;
use shared::policy::Policy;
use shared::team_member::TeamMemberType;
use shared::workflow::{Action, Status};

use super::applicant_actions;
use super::decision_panel::TITLE_ID;
use super::messages::messages_link;
use super::outline::{ChangeLink, change_links};
use super::status::{
    REFUSED_UPDATE, Reader, in_force, is_first_submission_of_update, is_offer_declined, is_update_refused,
    last_decision, notice,
};
use crate::components::alert::{Alert, Tone};
use crate::components::badge::StatusBadge;
use crate::components::breadcrumb::Breadcrumb;
use crate::components::{date, siret};
use crate::pages::instruction::last_list;
use crate::shell::places::jump;
use crate::shell::title::PageTitle;

/// Title, status and the facts that name a request.
#[component]
pub fn Head(
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// Who reads.
    reader: Reader,
    /// Whether they may know how the applicant speaks for the organisation.
    sees_membership: bool,
) -> impl IntoView {
    let number = format!("Demande n°\u{a0}{}", enrollment.id);
    let title = if enrollment.content.intitule.trim().is_empty() {
        "Demande sans titre".to_owned()
    } else {
        enrollment.content.intitule.clone()
    };
    let above = match reader {
        Reader::Instructor => (last_list(), "Demandes à instruire".to_owned()),
        Reader::Applicant | Reader::Other => ("/mes-demandes".to_owned(), "Mes demandes".to_owned()),
    };
    let novelty =
        (reader == Reader::Instructor && enrollment.status == Status::Submitted && !enrollment.changes.is_empty())
            .then(|| view! { <span class="fr-badge fr-badge--new">"Modifiée"</span> });
    let tab = format!("{number} – {title}");
    view! {
        <Breadcrumb trail=vec![("/".to_owned(), "Accueil".to_owned()), above] current=number.clone() />
        <div class="dp-head dp-head--low">
            <PageTitle title tab=Signal::stored(tab) />
            <p class="dp-badges fr-mb-0">
                <StatusBadge status=enrollment.status reopening=enrollment.reopening offered=enrollment.offer.is_some() />
                {novelty}
            </p>
        </div>
        <p class="fr-text--sm fr-mb-1w">{format!("{number} – {}", policy.label)}</p>
        {facts(&enrollment, sees_membership)}
    }
}

fn facts(enrollment: &Enrollment, sees_membership: bool) -> AnyView {
    let siret = enrollment.content.siret.as_ref().map(|siret| siret::grouped(siret.as_str()));
    let organisation = match siret {
        Some(siret) if enrollment.nom_raison_sociale.is_empty() => format!("SIRET {siret}"),
        Some(siret) => format!("{} (SIRET {siret})", enrollment.nom_raison_sociale),
        None => "Non renseignée".to_owned(),
    };
    let applicant = enrollment.content.team_member(TeamMemberType::Demandeur).map(|member| {
        let name = format!("{} {}", member.given_name, member.family_name);
        format!(
            "{} {}",
            name.trim(),
            if member.email.is_empty() { String::new() } else { format!("({})", member.email) }
        )
    });
    let membership_badge =
        (sees_membership && enrollment.content.siret.is_some()).then(|| membership_badge(enrollment));
    let submitted = enrollment.submitted_at.map(date::date_time);
    let validated = enrollment.validated_at.map(date::date_time);
    let updated = Some(date::date_time(enrollment.updated_at));
    // Where the last thing that happened is the submission or the decision, its date is said once.
    let is_later = updated != submitted && updated != validated;
    let facts = [
        ("Demandeur", applicant.map(|applicant| applicant.trim().to_owned()).filter(|applicant| !applicant.is_empty())),
        ("Créée le", Some(date::date(enrollment.created_at))),
        ("Soumise le", submitted),
        ("Validée le", validated),
        ("Dernière mise à jour", updated.filter(|_| is_later)),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(label, value)| {
            value.map(|value| {
                view! {
                    <div>
                        <dt>{label}</dt>
                        <dd class="dp-break">{value}</dd>
                    </div>
                }
            })
        })
        .collect_view();
    view! {
        <dl class="dp-facts">
            <div>
                <dt>"Organisation"</dt>
                <dd class="dp-break">{organisation} {membership_badge}</dd>
            </div>
            {facts}
        </dl>
    }
    .into_any()
}

/// The membership of the applicant in the organisation.
fn membership_badge(enrollment: &Enrollment) -> AnyView {
    let (class, word, detail) = membership_words(enrollment.membership.as_ref());
    view! {
        <span class="dp-membership">
            <span class=format!("fr-badge fr-badge--sm {class}")>{word}</span>
            <span class="dp-detail">{detail}</span>
        </span>
    }
    .into_any()
}

/// Class, word and detail of the badge.
const fn membership_words(membership: Option<&Organization>) -> (&'static str, &'static str, &'static str) {
    match membership {
        Some(membership) if membership.is_verified => {
            ("fr-badge--success", "Rattachement vérifié", membership.source.label())
        }
        Some(_) => ("fr-badge--warning", "Rattachement non vérifié", "déclaré par la personne"),
        None => ("fr-badge--warning", "Rattachement perdu", "le demandeur ne représente plus cette organisation"),
    }
}

/// The status of the request and what happens next.
#[component]
pub fn StatusNotice(
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// Its history, once there.
    events: Signal<Vec<Event>>,
    /// Who reads.
    reader: Reader,
    /// How many messages wait.
    unread: Signal<i64>,
) -> impl IntoView {
    let status = enrollment.status;
    let has_offer = enrollment.offer.is_some();
    let is_update_refused = Memo::new(move |_| events.with(|events| is_update_refused(status, events)));
    let tone = move || match (status, reader) {
        (Status::Validated, _) if is_update_refused.get() => Tone::Warning,
        (Status::ChangesRequested, Reader::Applicant) => Tone::Warning,
        (Status::Validated, _) => Tone::Success,
        (Status::Refused | Status::Revoked, _) => Tone::Error,
        (Status::Draft | Status::Submitted | Status::ChangesRequested | Status::Archived | Status::Deleted, _) => {
            Tone::Info
        }
    };
    let comment = move || {
        // An offer says why itself.
        let event = events.with(|events| last_decision(status, events).cloned()).filter(|_| !has_offer);
        event.map(|event| {
            view! {
                <figure class="dp-quote">
                    <blockquote>
                        <p class="dp-text">{event.comment}</p>
                    </blockquote>
                    <figcaption>{format!("{}, le {}", event.author, date::date_time(event.created_at))}</figcaption>
                </figure>
            }
        })
    };
    move || {
        let notice = if is_update_refused.get() { REFUSED_UPDATE } else { notice(reader, &enrollment) };
        let (right, ways_on, comment) = (right(&enrollment), ways_on(&enrollment, &policy, reader, unread), comment);
        view! {
            <Alert tone=tone() title=notice.title>
                <p>{notice.text}</p>
                {is_offer_declined(status, &events.get()).then(|| view! { <p>"L’accord partiel proposé a été décliné."</p> })}
                {right}
                {comment}
                {ways_on}
            </Alert>
        }
    }
}

/// What gives a right now.
fn right(enrollment: &Enrollment) -> Option<AnyView> {
    let authorisation = in_force(enrollment)?;
    let verb = if enrollment.status == Status::Validated {
        " est en vigueur."
    } else {
        " reste en vigueur pendant la mise à jour."
    };
    Some(view! { <p>{format!("L’habilitation {}{verb}", authorisation.number())}</p> }.into_any())
}

/// Where the reader may go from here.
fn ways_on(enrollment: &Enrollment, policy: &Policy, reader: Reader, unread: Signal<i64>) -> AnyView {
    let status = enrollment.status;
    let edit = enrollment.allows(Action::Update).then(|| {
        let label = match (status, enrollment.reopening) {
            (Status::Draft, false) => "Compléter ma demande",
            (Status::Draft, true) => "Compléter ma mise à jour",
            (_, false) => "Modifier ma demande",
            (_, true) => "Modifier ma mise à jour",
        };
        view! {
            <a class="fr-btn" href=format!("/demandes/{}/modifier", enrollment.id)>
                {label}
            </a>
        }
    });
    let place =
        |target: &str, label: &'static str| view! { <JumpLink target=target.to_owned() label class="fr-link" /> };
    let decide = enrollment.allows(Action::Validate).then(|| place(TITLE_ID, "Prendre une décision"));
    let act = applicant_actions::may_act(enrollment)
        .then(|| place(applicant_actions::TITLE_ID, "Voir ce que vous pouvez faire"));
    let document = in_force(enrollment).map(|authorisation| {
        view! {
            <a class="fr-link" rel="external" href=AuthorisationSummary::path_of(authorisation.id)>
                {format!("Consulter l’habilitation {}", authorisation.number())}
            </a>
        }
    });
    let next_step = policy.next_step_url.clone().filter(|_| status == Status::Validated).map(|url| {
        view! {
            <a class="fr-link" href=url rel="external noopener" target="_blank" title="Étape suivante – nouvelle fenêtre">
                "Passer à l’étape suivante"
            </a>
        }
    });
    let messages = enrollment
        .allows(Action::ReadMessages)
        .then(|| messages_link(unread, "fr-link fr-icon-chat-3-line fr-link--icon-left"));
    let has_questions =
        reader == Reader::Applicant && !matches!(status, Status::Draft | Status::Archived | Status::Deleted);
    let support = has_questions.then(|| {
        view! {
            <p class="fr-mt-1w">
                "Une question\u{a0}? Écrivez à "
                <a class="dp-break" rel="external" href=format!("mailto:{}", policy.support_email)>
                    {policy.support_email.clone()}
                </a> "."
            </p>
        }
    });
    view! {
        {support}
        <div class="dp-ways dp-no-print">{edit} {decide} {act} {document} {next_step} {messages}</div>
    }
    .into_any()
}

/// What changed since the submission before or, in an update that was never sent back, in what was granted; with links to
/// each answer.
#[component]
pub fn ChangesBox(
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// Its history, once there.
    events: Signal<Vec<Event>>,
) -> impl IntoView {
    let links = change_links(&policy, &enrollment.changes);
    if links.is_empty() {
        return ().into_any();
    }
    let count = match links.len() {
        1 => "1 champ modifié".to_owned(),
        count => format!("{count} champs modifiés"),
    };
    let reopening = enrollment.reopening;
    let title = move || {
        let is_first = reopening && events.with(|events| is_first_submission_of_update(events));
        let reference =
            if is_first { "par rapport à l’habilitation en vigueur" } else { "depuis la dernière soumission" };
        format!("{count} {reference}")
    };
    let lines = links.into_iter().map(change_line).collect_view();
    view! {
        <section class="fr-callout dp-changes" aria-labelledby="modifications">
            <h2 class="fr-callout__title" id="modifications">
                {title}
            </h2>
            <ul>{lines}</ul>
            <p class="fr-mt-1w dp-no-print">
                <a class="fr-link" href=format!("/demandes/{}/comparer", enrollment.id)>
                    "Comparer les versions"
                </a>
            </p>
        </section>
    }
    .into_any()
}

fn change_line(link: ChangeLink) -> AnyView {
    match link.anchor {
        Some(anchor) => view! {
            <li>
                <JumpLink target=anchor label=link.label />
            </li>
        }
        .into_any(),
        None => view! { <li>{link.label}</li> }.into_any(),
    }
}

/// A link to a place in the page, which also takes the focus there.
#[component]
pub fn JumpLink(
    /// Id of the place.
    target: String,
    #[prop(into)] label: String,
    #[prop(default = "")] class: &'static str,
) -> impl IntoView {
    view! {
        <a
            class=class
            href=format!("#{target}")
            on:click=jump(target)
        >
            {label}
        </a>
    }
}

#[cfg(test)]
mod tests {
    use shared::organization::MembershipSource;

    use super::*;

    #[test]
    fn a_badge_says_how_the_applicant_speaks_for_the_organisation() {
        let membership = |is_verified| Organization {
            siret: "13002526500013".parse().unwrap(),
            label: String::new(),
            source: MembershipSource::Domain,
            is_verified,
        };
        let words = |membership: Option<Organization>| membership_words(membership.as_ref()).1;
        assert_eq!(words(Some(membership(true))), "Rattachement vérifié");
        assert_eq!(words(Some(membership(false))), "Rattachement non vérifié");
        assert_eq!(words(None), "Rattachement perdu");
    }
}
