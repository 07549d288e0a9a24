using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Secrets;
using Flotilla.Provisioner.Machines;
using Flotilla.Provisioner.Machines.ControlPlanes;
using Flotilla.Provisioner.Plans.Engine;

namespace Flotilla.Provisioner.Plans.Clusters;

/// <summary>A cluster's control-plane members on this machine.</summary>
internal sealed class Masters(ClusterRecords records, IMachine machine, SecretBox secrets, ClusterApis apis, TimeProvider clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    public async Task EnsureAsync(string clusterId, int member, CancellationToken cancellationToken)
    {
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        await records.SetNodeAsync(clusterId, ClusterRules.MasterName(member), NodeState.Starting, cancellationToken, $"127.0.0.1:{cluster.Port + member}");
        await StartControlPlaneAsync(cluster, member, cancellationToken);
    }

    public async Task EnsureEtcdAsync(string clusterId, int member, CancellationToken cancellationToken) =>
        await StartEtcdAsync(await records.ReadAsync(clusterId, cancellationToken), member, cancellationToken);

    public async Task<bool> IsRunningAsync(Cluster cluster, int member, CancellationToken cancellationToken) =>
        await machine.IsControlPlaneRunningAsync(new(cluster.Id, member), cancellationToken)
        && (cluster.Masters == 1 || await machine.IsEtcdRunningAsync(new(cluster.Id, member), cancellationToken));

    /// <summary>Starts what of the master does not run.</summary>
    public async Task StartAsync(Cluster cluster, int member, CancellationToken cancellationToken)
    {
        if (cluster.Masters > 1) { await StartEtcdAsync(cluster, member, cancellationToken); }
        await StartControlPlaneAsync(cluster, member, cancellationToken);
    }

    private Task StartEtcdAsync(Cluster cluster, int member, CancellationToken cancellationToken) => machine.EnsureEtcdAsync(
        new()
        {
            Id = new(cluster.Id, member),
            ClientPort = EtcdMembers.ClientPort(cluster, member),
            PeerPort = EtcdMembers.PeerPort(cluster, member),
            InitialCluster = EtcdMembers.InitialCluster(cluster),
            PkiFiles = EtcdPki.MemberFiles(cluster, secrets, clock.GetUtcNow()),
        },
        cancellationToken);

    private Task StartControlPlaneAsync(Cluster cluster, int member, CancellationToken cancellationToken)
    {
        var network = ClusterRecords.NetworkOf(cluster);
        return machine.EnsureControlPlaneAsync(
            new()
            {
                Id = new(cluster.Id, member),
                Network = network with { ApiPort = network.ApiPort + member },
                PkiFiles = PkiFiles(cluster),
                TlsSubjectAlternativeNames = [cluster.ServerName],
                EtcdServers = EtcdMembers.ClientUrls(cluster),
            },
            cancellationToken);
    }

    public async Task WaitUntilReadyAsync(string clusterId, int member, CancellationToken cancellationToken)
    {
        var cluster = await records.ReadAsync(clusterId, cancellationToken);
        using var api = apis.Connect(cluster, member);
        while (!await api.IsReadyAsync(clock, cancellationToken))
        {
            var id = new ControlPlaneId(clusterId, member);
            if (!await machine.IsControlPlaneRunningAsync(id, cancellationToken))
            {
                var lastWords = await machine.ReadLastWordsAsync(id, cancellationToken);
                await StartAsync(cluster, member, cancellationToken);
                throw new StepException("control-plane.ended", $"The control plane's process ended at its start: {lastWords}", ErrorFixer.Operator);
            }
            await Task.Delay(PollInterval, clock, cancellationToken);
        }
        await records.SetNodeAsync(clusterId, ClusterRules.MasterName(member), NodeState.Ready, cancellationToken);
    }

    public async Task StopAsync(string clusterId, int member, CancellationToken cancellationToken)
    {
        await records.SetNodeAsync(clusterId, ClusterRules.MasterName(member), NodeState.Stopping, cancellationToken);
        await machine.StopControlPlaneAsync(new ControlPlaneId(clusterId, member), cancellationToken);
        await machine.StopEtcdAsync(new ControlPlaneId(clusterId, member), cancellationToken);
        await records.SetNodeAsync(clusterId, ClusterRules.MasterName(member), NodeState.Stopped, cancellationToken);
    }

    private Dictionary<string, string> PkiFiles(Cluster cluster) => cluster.Masters == 1
        ? new(ClusterPki.Files(cluster, secrets))
        : new([.. ClusterPki.Files(cluster, secrets), .. EtcdPki.ClientFiles(cluster, secrets, clock.GetUtcNow())]);
}
