//! The named rules of a policy, and those that follow from its contacts, files and questions.
//!
//! Source, where nothing else is said: v1's `submit_validation` and its variants.

use super::formats::{date, is_email, is_mobile_number, is_phone_number, is_postal_code, is_web_address, mail_domain};
use super::{FieldError, Input};
use crate::document::{Document, DocumentType};
use crate::draft::{Answer, Draft, TechnicalTeamType};
use crate::field::Field;
use crate::organization::Establishment;
use crate::policy::{DocumentRequest, ExtraField, ExtraFieldType, Policy, Rule};
use crate::problem::ItemCode;
use crate::team_member::{Attribute, TeamMember, TeamMemberType};

/// One named rule.
pub fn check(rule: Rule, policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    let draft = input.draft;
    match rule {
        Rule::Project => project(draft, errors),
        Rule::Description => description(draft, errors),
        Rule::TechnicalTeam => technical_team(draft, errors),
        Rule::AtLeastOneScope => at_least_one_scope(draft, errors),
        Rule::DataUse => data_use(policy.longest_retention, draft, errors),
        Rule::LegalBasis => legal_basis(draft, input.documents, errors),
        Rule::CguApproved => {
            ticked(draft.cgu_approved, Field::CguApproved, "Acceptez les conditions générales d’utilisation.", errors);
        }
        Rule::DpoIsInformed => ticked(
            draft.dpo_is_informed,
            Field::DpoIsInformed,
            "Confirmez que votre délégué à la protection des données est informé de la demande.",
            errors,
        ),
        Rule::MobilePhone => mobile_phones(policy, draft, errors),
    }
}

fn ticked(is_ticked: bool, field: Field, message: &str, errors: &mut Vec<FieldError>) {
    if !is_ticked {
        errors.push(FieldError::new(field, ItemCode::Required, message));
    }
}

fn written(draft: &Draft, field: Field, message: &str, errors: &mut Vec<FieldError>) {
    if draft.text(&field).unwrap_or_default().trim().is_empty() {
        errors.push(FieldError::new(field, ItemCode::Required, message));
    }
}

fn project(draft: &Draft, errors: &mut Vec<FieldError>) {
    written(draft, Field::Intitule, "Donnez un nom à votre projet.", errors);
    description(draft, errors);
}

fn description(draft: &Draft, errors: &mut Vec<FieldError>) {
    written(draft, Field::Description, "Décrivez votre projet.", errors);
}

fn technical_team(draft: &Draft, errors: &mut Vec<FieldError>) {
    match draft.technical_team_type {
        None => errors.push(FieldError::new(
            Field::TechnicalTeamType,
            ItemCode::Required,
            "Indiquez qui réalisera la connexion à l’API.",
        )),
        Some(TechnicalTeamType::InternalTeam) => {}
        Some(TechnicalTeamType::SoftwareCompany) => {
            written(draft, Field::TechnicalTeamValue, "Indiquez votre éditeur de logiciels.", errors);
        }
        Some(TechnicalTeamType::Other) => {
            written(draft, Field::TechnicalTeamValue, "Indiquez le nom de votre prestataire.", errors);
        }
    }
}

fn at_least_one_scope(draft: &Draft, errors: &mut Vec<FieldError>) {
    ticked(!draft.scopes.is_empty(), Field::Scopes, "Cochez au moins une donnée.", errors);
}

/// v1 took 0, which says nothing of what happens to the data.
pub fn duration(draft: &Draft, errors: &mut Vec<FieldError>) {
    if draft.data_retention_period == Some(0) {
        let message = "Indiquez une durée d’au moins un mois.";
        errors.push(FieldError::new(Field::DataRetentionPeriod, ItemCode::OutOfRange, message));
    }
}

/// Long retention needs a reason: v1's form asked for one, but its server did not look.
fn data_use(longest: u32, draft: &Draft, errors: &mut Vec<FieldError>) {
    written(draft, Field::DataRecipients, "Indiquez qui aura accès aux données.", errors);
    match draft.data_retention_period {
        None => errors.push(FieldError::new(
            Field::DataRetentionPeriod,
            ItemCode::Required,
            "Indiquez pendant combien de mois les données seront conservées.",
        )),
        Some(months) if months > longest => written(
            draft,
            Field::DataRetentionComment,
            &format!("Au-delà de {longest} mois, expliquez pourquoi cette durée est nécessaire."),
            errors,
        ),
        Some(_) => {}
    }
}

/// v1 took anything as an address, « non applicable » included; here it is an address, or a file is joined.
fn legal_basis(draft: &Draft, documents: &[Document], errors: &mut Vec<FieldError>) {
    written(
        draft,
        Field::FondementJuridiqueTitle,
        "Indiquez le texte qui vous autorise à traiter ces données.",
        errors,
    );
    let url = draft.fondement_juridique_url.trim();
    let has_document = documents.iter().any(|document| document.kind == DocumentType::LegalBasis);
    if url.is_empty() && !has_document {
        errors.push(FieldError::new(
            Field::FondementJuridiqueUrl,
            ItemCode::Required,
            "Indiquez l’adresse du texte juridique, ou joignez-le au format PDF.",
        ));
    } else if !url.is_empty() && !is_web_address(url) {
        errors.push(FieldError::new(
            Field::FondementJuridiqueUrl,
            ItemCode::Format,
            "Indiquez une adresse complète, par exemple https://www.legifrance.gouv.fr/…",
        ));
    }
}

/// Every request is an organisation's, and its name proves that the number was found.
pub fn organization(policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    if input.draft.siret.is_none() && policy.previous.is_none() {
        let message = "Choisissez l’organisation pour laquelle vous faites la demande.";
        errors.push(FieldError::new(Field::Siret, ItemCode::Required, message));
    } else if input.draft.siret.is_some() && input.nom_raison_sociale.trim().is_empty() {
        let message = "Cette organisation est inconnue\u{a0}: vérifiez son numéro SIRET.";
        errors.push(FieldError::new(Field::Siret, ItemCode::NotEligible, message));
    }
    errors.extend(input.establishment.and_then(closed));
    if let Some(naf) = policy.naf.as_ref().filter(|naf| naf.refuses && !naf.accepts(input.establishment)) {
        errors.push(FieldError::new(Field::Siret, ItemCode::NotEligible, &naf.message));
    }
}

/// What the organisation has already is not granted to it a second time: asked when one submits, and when one grants.
pub fn second_grant(policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    if let Some(id) = input.granted.filter(|_| policy.one_per_organisation) {
        let message = format!(
            "Cette organisation a déjà cette habilitation (demande n°\u{a0}{id})\u{a0}: elle n’en reçoit pas deux."
        );
        errors.push(FieldError::new(Field::Siret, ItemCode::NotEligible, message));
    }
    let granted = input.granted_scopes.iter().filter(|granted| input.draft.scopes.contains(&granted.scope));
    for granted in granted.filter(|_| policy.each_scope_once) {
        let label = policy.scope(&granted.scope).map_or(granted.scope.as_str(), |scope| scope.label.as_str());
        let message = format!(
            "«\u{a0}{label}\u{a0}» est déjà accordé à cette organisation (demande n°\u{a0}{})\u{a0}: il ne l’est pas deux fois.",
            granted.enrollment_id
        );
        errors.push(FieldError::new(Field::Scopes, ItemCode::NotEligible, message));
    }
}

/// What is said of an establishment that is no longer in business: nothing new is granted to it.
pub fn closed(establishment: &Establishment) -> Option<FieldError> {
    let closure = establishment.closure()?;
    let message = format!(
        "D’après le répertoire Sirene, cet établissement est {closure}\u{a0}: choisissez l’établissement qui l’a remplacé."
    );
    Some(FieldError::new(Field::Siret, ItemCode::NotEligible, message))
}

/// What is always asked for cannot be left out.
pub fn locked_scopes(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for scope in policy.scopes.iter().filter(|scope| scope.locked && !draft.scopes.contains(&scope.id)) {
        errors.push(FieldError::new(Field::Scopes, ItemCode::NotEligible, always_sent(&scope.label)));
    }
}

/// What is said of a locked scope that somebody takes out.
pub fn always_sent(label: &str) -> String {
    format!("La donnée «\u{a0}{label}\u{a0}» est toujours transmise\u{a0}: elle ne peut pas être retirée.")
}

/// What is said of a consent to a text that is another in the policy in force.
pub fn stale_consent(policy: &Policy, consent: &Field) -> FieldError {
    let text = match consent {
        Field::CguApproved => "Les conditions générales d’utilisation ont changé".to_owned(),
        other => format!("Le texte «\u{a0}{}\u{a0}» a changé", policy.label_of(other)),
    };
    let detail =
        format!("{text}\u{a0}: rechargez le formulaire, lisez le nouveau texte, puis cochez de nouveau la case.");
    FieldError::new(consent.clone(), ItemCode::Required, detail)
}

/// What is no longer offered must be given up.
pub fn deprecated_scopes(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for scope in policy.scopes.iter().filter(|scope| scope.deprecated && draft.scopes.contains(&scope.id)) {
        let message = format!("La donnée «\u{a0}{}\u{a0}» n’est plus proposée\u{a0}: décochez-la.", scope.label);
        errors.push(FieldError::new(Field::Scopes, ItemCode::NotEligible, message));
    }
}

/// The chain: the request that is named must exist, be of the previous API, of the same organisation, and validated.
/// v1 checked only that one was named.
pub fn previous_enrollment(policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    let Some(previous_api) = &policy.previous else { return };
    let mut refuse = |code, detail: &str| {
        errors.push(FieldError::new(Field::PreviousEnrollmentId, code, detail));
    };
    if input.draft.previous_enrollment_id.is_none() {
        refuse(ItemCode::Required, "Choisissez l’habilitation que cette demande prolonge.");
        return;
    }
    match input.previous {
        None => refuse(ItemCode::Unknown, "L’habilitation préalable est introuvable."),
        Some(previous) if previous.target_api != *previous_api => {
            refuse(
                ItemCode::NotEligible,
                "L’habilitation préalable doit porter sur l’étape précédente de la même API.",
            );
        }
        Some(previous) if input.draft.siret.as_ref() != Some(&previous.siret) => {
            refuse(ItemCode::NotEligible, "L’habilitation préalable est celle d’une autre organisation.");
        }
        Some(previous) if !previous.in_force => {
            refuse(ItemCode::NotEligible, "L’habilitation préalable n’est pas en vigueur.");
        }
        Some(_) => {}
    }
}

/// The boxes that go, or do not go, together.
pub fn constraints(policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    let any_ticked = |ids: &[String]| ids.iter().any(|id| input.draft.is_ticked(id));
    for constraint in &policy.constraints {
        let lifted =
            constraint.unless_document.is_some_and(|kind| input.documents.iter().any(|document| document.kind == kind));
        let concerned = constraint.when_any.is_empty() || any_ticked(&constraint.when_any);
        if lifted || !concerned {
            continue;
        }
        if !constraint.any_of.is_empty() && !any_ticked(&constraint.any_of) {
            errors.push(FieldError::new(constraint.field.clone(), ItemCode::Required, &constraint.message));
        }
        if any_ticked(&constraint.none_of) {
            errors.push(FieldError::new(constraint.field.clone(), ItemCode::Incompatible, &constraint.message));
        }
    }
}

/// The mobile telephones that a policy asks for and that are other numbers.
fn mobile_phones(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for (place, member) in draft.placed_team_members() {
        let number = member.phone_number.trim();
        let is_asked = policy.contact(member.kind).is_some_and(|contact| contact.mobile_phone);
        if is_asked && is_phone_number(number) && !is_mobile_number(number) {
            let field = Field::TeamMember(member.kind, place, Attribute::PhoneNumber);
            let message = "Indiquez un numéro de téléphone mobile, par exemple 06 12 34 56 78.";
            errors.push(FieldError::new(field, ItemCode::Format, message));
        }
    }
}

/// Every required person, with all that is asked of them.
///
/// The applicant's own details come from their account and are not asked for here.
pub fn contacts(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for contact in policy.contacts.iter().filter(|contact| contact.kind != TeamMemberType::Demandeur) {
        let nobody = TeamMember::new(contact.kind);
        let mut members: Vec<&TeamMember> = draft.team_members_of(contact.kind).collect();
        if members.is_empty() {
            members.push(&nobody);
        }
        for (place, member) in members.into_iter().enumerate() {
            if member.is_empty() && !(contact.required && place == 0) {
                continue;
            }
            for &attribute in &contact.attributes {
                if let Some((code, detail)) = contact_error(attribute, member.get(attribute).trim()) {
                    errors.push(FieldError::new(Field::TeamMember(contact.kind, place, attribute), code, detail));
                }
            }
        }
    }
}

/// Nobody reads what is sent to a domain that takes no mail.
pub fn mail_domains(policy: &Policy, input: Input<'_>, errors: &mut Vec<FieldError>) {
    for (place, member) in input.draft.placed_team_members() {
        let is_asked = member.kind != TeamMemberType::Demandeur
            && policy.contact(member.kind).is_some_and(|contact| contact.attributes.contains(&Attribute::Email));
        let Some(domain) = mail_domain(&member.email).filter(|_| is_asked) else { continue };
        if input.mailless_domains.contains(&domain) {
            let field = Field::TeamMember(member.kind, place, Attribute::Email);
            let detail = format!(
                "Le domaine «\u{a0}{domain}\u{a0}» n’existe pas ou ne reçoit pas de courriels\u{a0}: vérifiez cette adresse."
            );
            errors.push(FieldError::new(field, ItemCode::Unknown, detail));
        }
    }
}

fn contact_error(attribute: Attribute, text: &str) -> Option<(ItemCode, &'static str)> {
    if text.is_empty() {
        return Some((
            ItemCode::Required,
            match attribute {
                Attribute::GivenName => "Indiquez le prénom.",
                Attribute::FamilyName => "Indiquez le nom.",
                Attribute::Email => "Indiquez l’adresse électronique.",
                Attribute::PhoneNumber => "Indiquez le numéro de téléphone.",
                Attribute::Job => "Indiquez la fonction.",
            },
        ));
    }
    match attribute {
        Attribute::Email if !is_email(text) => {
            Some((ItemCode::Format, "Indiquez une adresse électronique complète, par exemple nom@exemple.fr."))
        }
        Attribute::PhoneNumber if !is_phone_number(text) => {
            Some((ItemCode::Format, "Indiquez un numéro de téléphone, par exemple 01 23 45 67 89."))
        }
        Attribute::GivenName | Attribute::FamilyName | Attribute::Email | Attribute::PhoneNumber | Attribute::Job => {
            None
        }
    }
}

/// Every required file, and no more than may be joined.
pub fn documents(policy: &Policy, documents: &[Document], errors: &mut Vec<FieldError>) {
    for request in policy.documents.iter().filter(|request| !request.read_only) {
        let joined = documents.iter().filter(|document| document.kind == request.kind).count();
        if joined == 0 && request.required {
            let message = "Joignez ce document.";
            errors.push(FieldError::new(Field::Document(request.kind), ItemCode::Required, message));
        } else if joined > 0 && !request.has_room(joined - 1) {
            errors.push(too_many_files(request));
        }
    }
}

/// What is said where more files are joined than may be.
pub fn too_many_files(request: &DocumentRequest) -> FieldError {
    let message = match request.max_files {
        1 => "Un seul fichier est attendu\u{a0}: retirez les autres.".to_owned(),
        most => format!("Joignez au plus {most} fichiers\u{a0}: retirez-en un avant d’en joindre un autre."),
    };
    FieldError::new(Field::Document(request.kind), ItemCode::TooLong, message)
}

/// Every question of this policy's own.
pub fn extra_fields(policy: &Policy, draft: &Draft, errors: &mut Vec<FieldError>) {
    for question in &policy.extra_fields {
        if let Some((code, detail)) = extra_field_error(question, draft.additional_content.get(&question.id)) {
            errors.push(FieldError::new(Field::Additional(question.id.clone()), code, detail));
        }
    }
}

fn extra_field_error(question: &ExtraField, answer: Option<&Answer>) -> Option<(ItemCode, &'static str)> {
    let text = match (question.kind, answer) {
        (ExtraFieldType::Boolean, Some(Answer::Bool(true))) => return None,
        (ExtraFieldType::Boolean, _) => {
            return question.required.then_some((ItemCode::Required, "Cochez cette case pour continuer."));
        }
        (_, Some(Answer::Text(text))) => text.trim(),
        (_, Some(Answer::Bool(_)) | None) => "",
    };
    if text.is_empty() {
        return question.required.then_some((ItemCode::Required, "Répondez à cette question."));
    }
    match question.kind {
        ExtraFieldType::Date if date(text).is_none() => {
            Some((ItemCode::Format, "Indiquez une date, par exemple 31/03/2026."))
        }
        ExtraFieldType::Choice if !question.options.iter().any(|option| option.id == text) => {
            Some((ItemCode::Unknown, "Choisissez une des réponses proposées."))
        }
        ExtraFieldType::Number if text.len() > 15 || !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((ItemCode::Format, "Indiquez un nombre entier, en chiffres."))
        }
        ExtraFieldType::Url if !is_web_address(text) => {
            Some((ItemCode::Format, "Indiquez une adresse complète, par exemple https://www.exemple.fr."))
        }
        ExtraFieldType::PostalCode if !is_postal_code(text) => {
            Some((ItemCode::Format, "Indiquez un code postal à cinq chiffres, par exemple 75007."))
        }
        ExtraFieldType::Date
        | ExtraFieldType::Choice
        | ExtraFieldType::Number
        | ExtraFieldType::Url
        | ExtraFieldType::PostalCode
        | ExtraFieldType::Text
        | ExtraFieldType::LongText
        | ExtraFieldType::Boolean => None,
    }
}
