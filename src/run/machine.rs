//! The machine a run was made on, for its manifest.

use serde::{Deserialize, Serialize};

/// Operating system, processor and memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Operating system and version.
    pub os: String,
    /// Processor.
    pub cpu: String,
    /// Logical cores this process may use.
    pub cores: usize,
    /// Memory in bytes.
    pub memory: u64,
}

impl Machine {
    /// The machine we run on.
    pub fn detect() -> Self {
        use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};
        let wanted = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(wanted);
        Self {
            os: System::long_os_version().unwrap_or_else(|| std::env::consts::OS.to_owned()),
            cpu: system
                .cpus()
                .first()
                .map_or_else(|| std::env::consts::ARCH.to_owned(), |c| c.brand().trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: system.total_memory(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_has_cores_and_memory() {
        let machine = super::Machine::detect();
        assert!(machine.cores >= 1 && machine.memory > 1 << 20 && !machine.os.is_empty(), "{machine:?}");
    }
}
