using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.ControlPlanes;

/// <summary>One <c>clustercore</c> process: one control-plane member with its own data directory, cgroup and port.</summary>
internal sealed class ControlPlaneProcess(MachineOptions options, ProcessSupervisor processes, CgroupTree cgroups, TimeProvider clock)
{
    public async Task<ProcessRecord> EnsureAsync(ControlPlaneSpec spec, CancellationToken cancellationToken)
    {
        foreach (var (name, pem) in spec.PkiFiles)
        {
            await SecretFile.WriteAsync(Path.Combine(DirectoryOf(spec.Id), "data", "pki", name), pem, cancellationToken);
        }

        var cgroup = CgroupOf(spec.Id);
        cgroups.Create(cgroup);
        if (spec.MemoryLimitBytes > 0) { cgroups.LimitMemory(cgroup, spec.MemoryLimitBytes); }
        return await processes.EnsureAsync(new(RecordOf(spec.Id), LogOf(spec.Id), cgroup, CommandFor(spec)), cancellationToken);
    }

    public bool IsRunning(ControlPlaneId id) => processes.FindRunning(RecordOf(id)) is not null;

    public string LastWords(ControlPlaneId id) => ProcessLog.LastWords(LogOf(id));

    public async Task StopAsync(ControlPlaneId id, CancellationToken cancellationToken)
    {
        await processes.StopAsync(RecordOf(id), options.StopTimeout, cancellationToken);
        await cgroups.RemoveAsync(CgroupOf(id), clock, cancellationToken);
    }

    internal IReadOnlyList<string> CommandFor(ControlPlaneSpec spec)
    {
        var directory = DirectoryOf(spec.Id);
        List<string> command =
        [
            Path.Combine(options.BinDirectory, "clustercore"), "serve",
            "--data-dir", Path.Combine(directory, "data"),
            "--listen", $"127.0.0.1:{spec.Network.ApiPort},{spec.Network.Gateway}:{spec.Network.ApiPort}",
            "--advertise-address", spec.Network.Gateway.ToString(),
            "--write-kubeconfig", Path.Combine(directory, "admin.kubeconfig"),
        ];
        if (spec.TlsSubjectAlternativeNames.Count > 0) { command.AddRange(["--tls-san", string.Join(',', spec.TlsSubjectAlternativeNames)]); }
        if (spec.EtcdServers.Count > 0) { command.AddRange(EtcdArguments(spec, Path.Combine(directory, "data", "pki"))); }
        return [.. command, .. spec.ExtraArguments];
    }

    private static IEnumerable<string> EtcdArguments(ControlPlaneSpec spec, string pki) =>
    [
        "--etcd-servers", string.Join(',', spec.EtcdServers),
        "--etcd-cafile", Path.Combine(pki, "etcd-ca.crt"),
        "--etcd-certfile", Path.Combine(pki, "etcd-client.crt"),
        "--etcd-keyfile", Path.Combine(pki, "etcd-client.key"),
    ];

    private string DirectoryOf(ControlPlaneId id) => Path.Combine(options.Home, "clusters", id.ClusterId, "masters", id.Member.ToString());

    private string RecordOf(ControlPlaneId id) => Path.Combine(options.RunDirectory, id.ClusterId, $"master-{id.Member}.json");

    private string LogOf(ControlPlaneId id) => Path.Combine(DirectoryOf(id), "logs", "clustercore.log");

    private static string CgroupOf(ControlPlaneId id) => $"/flotilla/{id.ClusterId}/master-{id.Member}";
}
