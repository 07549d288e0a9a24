namespace Flotilla.Provisioner.Machines.Nodes;

/// <summary>The configuration of a node's own containerd (version 2 of its format, which 1.6 to 2.x read).</summary>
internal static class ContainerdConfig
{
    /// <summary>Where it is in the node.</summary>
    public const string Socket = "/run/containerd/containerd.sock";

    public const string SandboxImage = "flotilla.local/pause:1";

    /// <param name="restrictOomScoreAdjustment">
    /// Needed where CAP_SYS_RESOURCE is missing: without it runc cannot lower a container's oom_score_adj and fails with
    /// "can't get final child's PID from pipe".
    /// </param>
    public static string Render(NodePaths paths, string cniBinDirectory, bool restrictOomScoreAdjustment) => $"""
        version = 2
        root = "{paths.ContainerdRoot}"
        state = "/run/containerd"
        disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.tracing.processor.v1.otlp"]

        [grpc]
        address = "{Socket}"

        [plugins."io.containerd.internal.v1.opt"]
        path = "{paths.ContainerdRoot}/opt"

        [plugins."io.containerd.grpc.v1.cri"]
        sandbox_image = "{SandboxImage}"
        restrict_oom_score_adj = {(restrictOomScoreAdjustment ? "true" : "false")}
        stream_server_address = "127.0.0.1"
        stream_server_port = "0"

        [plugins."io.containerd.grpc.v1.cri".cni]
        bin_dir = "{cniBinDirectory}"
        conf_dir = "{paths.CniConfig}"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
        runtime_type = "io.containerd.runc.v2"

        """;
}
