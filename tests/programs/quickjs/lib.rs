//! Empty: this package exists for its dependency, whose sources are compiled for the guest `quickjs`.
