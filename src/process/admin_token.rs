//! The administrator's token: the one of the settings, or one made at the first start and kept in
//! the data directory for its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use arc_swap::ArcSwap;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use switchyard_actors::domain::secret::Secret;
use tokio::sync::Notify;

/// The file's name in the data directory.
pub const FILE: &str = "admin-token";
/// The data directory that need not be named.
const USUAL_DIRECTORY: &str = "./data";
/// What the original's example file has in place of a token.
const PLACEHOLDER: &str = "change-me";
/// Readable and writable for the owner alone.
const PRIVATE: u32 = 0o600;
/// The user who may give files away.
const ROOT: u32 = 0;
/// Marks our tokens, so that a leaked one can be told from a user key.
const PREFIX: &str = "swadmin-";

/// Why there is no admin token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be read or written.
    #[error("the admin token's file {0} cannot be used: {1}")]
    File(PathBuf, #[source] io::Error),
    /// The file has nothing in it.
    #[error("the admin token's file {0} is empty; delete it to get a new token at the next start")]
    Empty(PathBuf),
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness for an admin token")]
    NoRandomness,
    /// The token of the settings cannot be rotated here.
    #[error("the admin token is set by ADMIN_TOKEN; change it there")]
    SetElsewhere,
}

/// Where the token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// `ADMIN_TOKEN`.
    Settings,
    /// The file, written at an earlier start.
    File,
    /// Made just now: to be shown once.
    Made,
}

/// The token that opens the management API. Only its hash is compared.
#[derive(Debug)]
pub struct AdminToken {
    hash: ArcSwap<[u8; 32]>,
    origin: TokenOrigin,
    file: PathBuf,
    changed: Notify,
}

/// A token as it was found or made.
#[derive(Debug)]
pub struct Established {
    /// The token, for the one who may see it.
    pub secret: Secret,
    /// Where it comes from.
    pub origin: TokenOrigin,
}

/// Finds the token of the settings or of the file, without making one.
///
/// # Errors
/// The file is there but cannot be read.
pub fn find(setting: Option<&Secret>, directory: &Path) -> Result<Option<Established>, TokenError> {
    if let Some(secret) = setting.filter(|token| is_real(token)) {
        return Ok(Some(Established { secret: secret.clone(), origin: TokenOrigin::Settings }));
    }
    let path = directory.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim().is_empty() => Err(TokenError::Empty(path)),
        Ok(text) => {
            Ok(Some(Established { secret: Secret::new(text.trim()), origin: TokenOrigin::File }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TokenError::File(path, error)),
    }
}

/// Finds the token or makes one.
///
/// # Errors
/// The file cannot be read or written, or there is no randomness.
pub fn establish(setting: Option<&Secret>, directory: &Path) -> Result<Established, TokenError> {
    match find(setting, directory)? {
        Some(found) => {
            if found.origin == TokenOrigin::File {
                keep_private(&directory.join(FILE))?;
            }
            Ok(found)
        }
        None => Ok(Established { secret: make(directory)?, origin: TokenOrigin::Made }),
    }
}

/// Makes a new token in the file's place.
///
/// # Errors
/// The token is the settings' own, or the file cannot be written.
pub fn rotate(setting: Option<&Secret>, directory: &Path) -> Result<Secret, TokenError> {
    if setting.is_some_and(is_real) { Err(TokenError::SetElsewhere) } else { make(directory) }
}

/// Writes the command line of `switchyard admin-token` for a data directory: a shell beside a
/// service or a container does not know which one the server has.
#[must_use]
pub fn command(directory: &Path, what: &str) -> String {
    let command = format!("switchyard admin-token {what}");
    if directory == Path::new(USUAL_DIRECTORY) {
        return command;
    }
    let whole = std::path::absolute(directory);
    let path = whole.as_deref().unwrap_or(directory).display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.chars().all(plain) {
        return format!("SWITCHYARD_DATA_DIR={path} {command}");
    }
    format!("SWITCHYARD_DATA_DIR='{}' {command}", path.replace('\'', r"'\''"))
}

impl AdminToken {
    /// Keeps the hash of an established token.
    #[must_use]
    pub fn new(established: &Established, directory: &Path) -> Self {
        Self {
            hash: ArcSwap::from_pointee(hash(established.secret.reveal())),
            origin: established.origin,
            file: directory.join(FILE),
            changed: Notify::new(),
        }
    }

    /// Tells whether this is the token, in a time that does not depend on how much of it is right.
    #[must_use]
    pub fn matches(&self, offered: &str) -> bool {
        hash(offered).ct_eq(self.hash.load().as_slice()).into()
    }

    /// Returns the token's SHA-256, to be marked with the data key before anybody else sees it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        **self.hash.load()
    }

    /// Reads the file again after a rotation; tells whether the token changed.
    ///
    /// # Errors
    /// The file cannot be read; the old token stays.
    pub fn reload(&self) -> Result<bool, TokenError> {
        if self.origin == TokenOrigin::Settings {
            return Ok(false);
        }
        let directory = self.file.parent().unwrap_or(Path::new("."));
        let Some(found) = find(None, directory)? else {
            return Err(TokenError::Empty(self.file.clone()));
        };
        let fresh = hash(found.secret.reveal());
        let old = self.hash.swap(std::sync::Arc::new(fresh));
        let changed = *old != fresh;
        if changed {
            self.changed.notify_one();
        }
        Ok(changed)
    }

    /// Waits for the next change; one that came while nobody waited is told at once. For one
    /// listener: the one who tells the other nodes.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}

fn is_real(token: &Secret) -> bool {
    let text = token.reveal().trim();
    !text.is_empty() && text != PLACEHOLDER
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn make(directory: &Path) -> Result<Secret, TokenError> {
    let mut bytes = [0_u8; 24];
    SystemRandom::new().fill(&mut bytes).map_err(|_| TokenError::NoRandomness)?;
    let token = format!("{PREFIX}{}", hex::encode(bytes));
    let path = directory.join(FILE);
    write_private(&path, &token).map_err(|error| TokenError::File(path, error))?;
    Ok(Secret::new(&token))
}

/// Writes beside and renames, so that a reader never sees half a token.
fn write_private(path: &Path, token: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&beside)?;
    give_to_owner_of(path, &file)?;
    file.write_all(format!("{token}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// Gives a file that root makes (`sudo switchyard admin-token rotate`) to the user of the data
/// directory, who could not read it otherwise.
fn give_to_owner_of(path: &Path, file: &File) -> io::Result<()> {
    let Some(directory) = path.parent() else { return Ok(()) };
    let (directory, made) = (fs::metadata(directory)?, file.metadata()?);
    if made.uid() != ROOT || directory.uid() == ROOT {
        return Ok(());
    }
    fchown(file, Some(directory.uid()), Some(directory.gid()))
}

/// Takes from others what an earlier copy or editor may have given them.
fn keep_private(path: &Path) -> Result<(), TokenError> {
    let wrong = |error| TokenError::File(path.to_path_buf(), error);
    let mode = fs::metadata(path).map_err(wrong)?.permissions().mode();
    if mode & 0o777 == PRIVATE {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(PRIVATE)).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_kept_private_and_found_again() {
        let place = tempfile::tempdir().unwrap();
        let made = establish(None, place.path()).unwrap();
        assert_eq!(made.origin, TokenOrigin::Made);
        let permissions = fs::metadata(place.path().join(FILE)).unwrap().permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let again = establish(Some(&Secret::new("change-me")), place.path()).unwrap();
        assert_eq!(again.origin, TokenOrigin::File);
        assert_eq!(again.secret, made.secret);
    }

    #[test]
    fn the_token_of_the_settings_wins_and_leaves_no_file() {
        let place = tempfile::tempdir().unwrap();
        let own = Secret::new("my own token");
        let found = establish(Some(&own), place.path()).unwrap();
        assert_eq!((found.origin, &found.secret), (TokenOrigin::Settings, &own));
        assert!(!place.path().join(FILE).exists());
        assert!(matches!(rotate(Some(&own), place.path()), Err(TokenError::SetElsewhere)));
    }

    #[test]
    fn a_rotated_token_opens_after_a_reload_and_the_old_one_no_more() {
        let place = tempfile::tempdir().unwrap();
        let first = establish(None, place.path()).unwrap();
        let token = AdminToken::new(&first, place.path());
        assert!(token.matches(first.secret.reveal()));
        assert!(!token.matches("swadmin-0"));
        let second = rotate(None, place.path()).unwrap();
        assert!(token.reload().unwrap());
        assert!(token.matches(second.reveal()) && !token.matches(first.secret.reveal()));
        assert!(!token.reload().unwrap());
    }

    #[test]
    fn a_file_others_may_read_is_closed_to_them() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(FILE);
        fs::write(&path, "token\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        establish(None, place.path()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_command_names_the_data_directory_unless_it_is_the_usual_one() {
        assert_eq!(command(Path::new("./data"), "show"), "switchyard admin-token show");
        let usual = crate::settings::Settings::load(&crate::settings::Sources::default()).unwrap();
        assert_eq!(usual.storage.data_dir, Path::new(USUAL_DIRECTORY));
        assert_eq!(
            command(Path::new("/var/lib/switchyard"), "rotate"),
            "SWITCHYARD_DATA_DIR=/var/lib/switchyard switchyard admin-token rotate"
        );
        assert_eq!(
            command(Path::new("/my data's"), "show"),
            r"SWITCHYARD_DATA_DIR='/my data'\''s' switchyard admin-token show"
        );
    }

    #[test]
    fn a_token_that_root_rotates_belongs_to_the_user_of_the_directory() {
        let place = tempfile::tempdir().unwrap();
        let nobody = 65_534;
        // Only root can give a directory away, and only then is there something to see.
        if std::os::unix::fs::chown(place.path(), Some(nobody), Some(nobody)).is_err() {
            return;
        }
        rotate(None, place.path()).unwrap();
        let made = fs::metadata(place.path().join(FILE)).unwrap();
        assert_eq!((made.uid(), made.gid(), made.mode() & 0o777), (nobody, nobody, 0o600));
    }

    #[test]
    fn an_empty_file_is_an_error_and_no_open_door() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(FILE), "\n").unwrap();
        assert!(matches!(establish(None, place.path()), Err(TokenError::Empty(_))));
    }
}
