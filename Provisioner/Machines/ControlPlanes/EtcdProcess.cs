using Flotilla.Provisioner.Machines.Cgroups;
using Flotilla.Provisioner.Machines.Processes;

namespace Flotilla.Provisioner.Machines.ControlPlanes;

/// <summary>One <c>etcd</c> process on loopback: its clients and its peers are masters, and show a certificate.</summary>
internal sealed class EtcdProcess(MachineOptions options, ProcessSupervisor processes, CgroupTree cgroups, TimeProvider clock)
{
    public async Task<ProcessRecord> EnsureAsync(EtcdSpec spec, CancellationToken cancellationToken)
    {
        if (processes.FindRunning(RecordOf(spec.Id)) is { } running) { return running; }
        foreach (var (name, pem) in spec.PkiFiles)
        {
            await SecretFile.WriteAsync(Path.Combine(DirectoryOf(spec.Id), "pki", name), pem, cancellationToken);
        }
        return await processes.EnsureAsync(new(RecordOf(spec.Id), LogOf(spec.Id), CgroupOf(spec.Id), CommandFor(spec)), cancellationToken);
    }

    public bool IsRunning(ControlPlaneId id) => processes.FindRunning(RecordOf(id)) is not null;

    public async Task StopAsync(ControlPlaneId id, CancellationToken cancellationToken)
    {
        await processes.StopAsync(RecordOf(id), options.StopTimeout, cancellationToken);
        await cgroups.RemoveAsync(CgroupOf(id), clock, cancellationToken);
    }

    internal IReadOnlyList<string> CommandFor(EtcdSpec spec)
    {
        var pki = Path.Combine(DirectoryOf(spec.Id), "pki");
        var (client, peer) = ($"https://127.0.0.1:{spec.ClientPort}", $"https://127.0.0.1:{spec.PeerPort}");
        return
        [
            "/usr/bin/etcd",
            "--name", $"master-{spec.Id.Member}",
            "--data-dir", Path.Combine(DirectoryOf(spec.Id), "data"),
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", spec.InitialCluster,
            "--initial-cluster-token", spec.Id.ClusterId,
            "--client-cert-auth", "--trusted-ca-file", Path.Combine(pki, "ca.crt"),
            "--cert-file", Path.Combine(pki, "member.crt"), "--key-file", Path.Combine(pki, "member.key"),
            "--peer-client-cert-auth", "--peer-trusted-ca-file", Path.Combine(pki, "ca.crt"),
            "--peer-cert-file", Path.Combine(pki, "member.crt"), "--peer-key-file", Path.Combine(pki, "member.key"),
            "--logger", "zap",
        ];
    }

    private string DirectoryOf(ControlPlaneId id) =>
        Path.Combine(options.Home, "clusters", id.ClusterId, "masters", id.Member.ToString(), "etcd");

    private string RecordOf(ControlPlaneId id) => Path.Combine(options.RunDirectory, id.ClusterId, $"etcd-{id.Member}.json");

    private string LogOf(ControlPlaneId id) =>
        Path.Combine(options.Home, "clusters", id.ClusterId, "masters", id.Member.ToString(), "logs", "etcd.log");

    private static string CgroupOf(ControlPlaneId id) => $"/flotilla/{id.ClusterId}/etcd-{id.Member}";
}
