//! Registers OpenID clients: other services that sign people in with the embedded provider.

use openidconnect::url::{Host, Url};
use shared::client::{ClientWithSecret, NewClient, SCOPES};
use shared::problem::ItemCode;
use uuid::Uuid;

use crate::connection::types::{Json, Name, now};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::models::client::{self, ClientRow};
use crate::outbound::oidc::CLIENT_ID;
use crate::secret;
use crate::trail;

/// The most addresses of one kind, and the most characters of a name and of an address.
const MAX_ADDRESSES: usize = 20;
const MAX_NAME: usize = 200;
const MAX_ADDRESS: usize = 2_000;

/// Registers a client. Its secret is in the answer, and nowhere else.
///
/// # Errors
/// 400, naming the member; 409: the id is taken; the database's.
pub async fn add(db: &Db, new: NewClient) -> Result<ClientWithSecret> {
    let secret = secret::new()?;
    let row = checked(new, secret::hash(&secret))?;
    let stored = db.write(move |connection| {
        if client::find(connection, &row.id)?.is_some() {
            return Err(Error::WrongStatus(format!("Un service s’appelle déjà «\u{a0}{}\u{a0}».", row.id)));
        }
        client::insert(connection, &row)?;
        trail::about(&row.id);
        Ok(row)
    });
    Ok(ClientWithSecret { client: stored.await?.into(), secret })
}

/// Replaces the secret of a client.
///
/// # Errors
/// 404; the database's.
pub async fn rotate(db: &Db, id: String, keep_previous: bool) -> Result<ClientWithSecret> {
    let secret = secret::new()?;
    let hash = secret::hash(&secret);
    let rotated = db.write(move |connection| {
        trail::about(&id);
        Ok(client::rotate(connection, &id, &hash, keep_previous)?)
    });
    Ok(ClientWithSecret { client: rotated.await?, secret })
}

/// Removes a client, with the codes and tokens issued to it.
///
/// # Errors
/// 404; the database's.
pub async fn remove(db: &Db, id: String) -> Result<()> {
    let removed = db.write(move |connection| {
        trail::about(&id);
        Ok(client::remove(connection, &id)?)
    });
    removed.await
}

fn checked(new: NewClient, secret_hash: String) -> Result<ClientRow> {
    let id = new.id.unwrap_or_else(|| Uuid::new_v4().to_string());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if id.is_empty() || id.len() > 100 || !id.bytes().all(is_plain) || id == CLIENT_ID {
        let detail = format!(
            "Indiquez 1 à 100 lettres, chiffres, points, tirets ou soulignés, autre chose que «\u{a0}{CLIENT_ID}\u{a0}»."
        );
        return Err(Error::pointer("/id", ItemCode::Format, detail));
    }
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        let detail = format!("Nommez le service, en {MAX_NAME} caractères au plus.");
        return Err(Error::pointer("/name", ItemCode::Format, detail));
    }
    if new.redirect_uris.is_empty() {
        return Err(Error::pointer("/redirect_uris", ItemCode::Required, "Indiquez au moins une adresse de retour."));
    }
    for (pointer, addresses) in
        [("/redirect_uris", &new.redirect_uris), ("/post_logout_redirect_uris", &new.post_logout_redirect_uris)]
    {
        if addresses.len() > MAX_ADDRESSES {
            let detail = format!("Indiquez {MAX_ADDRESSES} adresses au plus.");
            return Err(Error::pointer(pointer, ItemCode::TooLong, detail));
        }
        if let Some((index, bad)) = addresses.iter().enumerate().find(|(_, address)| !is_allowed_uri(address)) {
            let detail = format!(
                "«\u{a0}{bad}\u{a0}» doit commencer par https:// (ou http:// vers la machine elle-même), sans «\u{a0}#\u{a0}» \
                 ni identifiant."
            );
            return Err(Error::pointer(format!("{pointer}/{index}"), ItemCode::Format, detail));
        }
    }
    let unknown = new.scopes.iter().enumerate().find(|(_, scope)| !SCOPES.contains(&scope.as_str()));
    if let Some((index, unknown)) = unknown {
        let detail = format!("«\u{a0}{unknown}\u{a0}» n’existe pas. Choisissez parmi {}.", SCOPES.join(", "));
        return Err(Error::pointer(format!("/scopes/{index}"), ItemCode::Unknown, detail));
    }
    if !new.scopes.iter().any(|scope| scope == "openid") {
        return Err(Error::pointer("/scopes", ItemCode::Required, "«\u{a0}openid\u{a0}» est nécessaire."));
    }
    Ok(ClientRow {
        id,
        name,
        secret_hash,
        previous_secret_hash: None,
        redirect_uris: Json(new.redirect_uris),
        post_logout_redirect_uris: Json(new.post_logout_redirect_uris),
        scopes: Json(new.scopes),
        auth_method: Name(new.auth_method),
        userinfo: Name(new.userinfo),
        created_at: now().naive_utc(),
    })
}

/// An address that codes may be sent to: encrypted, or never leaving the machine (RFC 8252 § 7.3); no fragment
/// (RFC 6749 § 3.1.2).
fn is_allowed_uri(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    is_private
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && address.len() <= MAX_ADDRESS
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_are_encrypted_or_local() {
        for address in
            ["https://gestion.example/retour?a=b", "http://localhost:4000/cb", "http://127.0.0.1/", "http://[::1]:1/"]
        {
            assert!(is_allowed_uri(address), "{address}");
        }
        for address in [
            "",
            "/retour",
            "http://gestion.example/",
            "https://gestion.example/#a",
            "https://u:p@gestion.example/",
            "https://gestion.example/ a",
            "javascript:alert(1)",
            "https:\\\\evil.example",
        ] {
            assert!(!is_allowed_uri(address), "{address}");
        }
    }
}
