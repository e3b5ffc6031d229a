//! Reports on whole rollouts, by hand and through every format. Test code only.
