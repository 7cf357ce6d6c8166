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

/// Memory this process holds now (resident set), bytes; 0 where the system does not tell.
pub fn resident_bytes() -> u64 {
    use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};
    let Ok(pid) = sysinfo::get_current_pid() else { return 0 };
    let mut system = System::new();
    let memory = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, memory);
    system.process(pid).map_or(0, sysinfo::Process::memory)
}

/// The most memory this process has held so far, bytes; the present amount where the system keeps no record.
pub fn peak_bytes() -> u64 {
    let record = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    record.map_or_else(resident_bytes, |kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_in_use_is_known_and_below_its_peak() {
        let now = super::resident_bytes();
        assert!(now > 1 << 20 && super::peak_bytes() >= now / 2, "{now}");
    }

    #[test]
    fn the_machine_has_cores_and_memory() {
        let machine = super::Machine::detect();
        assert!(machine.cores >= 1 && machine.memory > 1 << 20 && !machine.os.is_empty(), "{machine:?}");
    }
}
