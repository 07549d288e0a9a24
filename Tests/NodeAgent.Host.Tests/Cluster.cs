using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Flotilla.NodeAgent.Runtime.Images;
using Flotilla.TestKit;

[assembly: AssemblyFixture(typeof(Flotilla.NodeAgent.Host.Tests.Cluster))]

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>A control plane as a process, to which nodes join with a bootstrap token, and the real kubectl.</summary>
public sealed class Cluster : IAsyncLifetime
{
    private const string Token = "abcdef.0123456789abcdef";
    private readonly string directory = Directory.CreateTempSubdirectory("flotilla-agent-").FullName;
    private readonly int port = LoopbackPort.Free();
    private Process? controlPlane;

    public ClusterNode Node { get; private set; } = null!;

    private string Kubeconfig => Path.Combine(directory, "admin.kubeconfig");

    public async ValueTask InitializeAsync()
    {
        await StartControlPlaneAsync();
        await AllowJoiningAsync();
        Node = await JoinAsync("worker-1");
    }

    /// <summary>No node has joined it yet.</summary>
    public async Task StartControlPlaneAsync()
    {
        controlPlane = Start("ClusterCore.Host", "clustercore", "serve", "--data-dir", Path.Combine(directory, "data"), "--listen", $"0.0.0.0:{port}", "--write-kubeconfig", Kubeconfig);
        await Eventually.TrueAsync(async () => File.Exists(Kubeconfig) && (await KubectlAsync("get", "--raw", "/readyz")).Output == "ok", "the control plane is ready", TimeSpan.FromSeconds(60));
    }

    private async Task AllowJoiningAsync()
    {
        await ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = "bootstrap.kubernetes.io/token",
            ["metadata"] = new JsonObject { ["name"] = "bootstrap-token-abcdef", ["namespace"] = "kube-system" },
            ["stringData"] = new JsonObject
            {
                ["token-id"] = "abcdef",
                ["token-secret"] = "0123456789abcdef",
                ["usage-bootstrap-authentication"] = "true",
                ["auth-extra-groups"] = "system:bootstrappers:nodes",
            },
        });
        await OkAsync("create", "clusterrolebinding", "bootstrap", "--clusterrole=system:node-bootstrapper", "--group=system:bootstrappers:nodes");
        await OkAsync("create", "clusterrolebinding", "approve", "--clusterrole=system:certificates.k8s.io:certificatesigningrequests:nodeclient", "--group=system:bootstrappers:nodes");
    }

    /// <summary>A new node, Ready.</summary>
    public async Task<ClusterNode> JoinAsync(string name, params string[] flags)
    {
        var containerd = await ContainerdServer.StartAsync();
        await ImportAsync(containerd);
        var bootstrap = Path.Combine(directory, $"{name}-bootstrap.kubeconfig");
        var authority = (await KubectlAsync("config", "view", "--raw", "-o", "jsonpath={.clusters[0].cluster.certificate-authority-data}")).Output;
        await File.WriteAllTextAsync(bootstrap, $$"""
            {"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"} }],
             "clusters": [{"name": "c", "cluster": {"server": "https://{{containerd.Addresses.Host}}:{{port}}", "tls-server-name": "kubernetes", "certificate-authority-data": "{{authority}}"} }],
             "users": [{"name": "u", "user": {"token": "{{Token}}"} }]}
            """);
        var node = new ClusterNode(name, containerd, Path.Combine(directory, $"{name}.kubeconfig"), bootstrap, flags);
        node.Start();
        await Eventually.TrueAsync(async () => (await KubectlAsync("get", "node", name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}")).Output == "True", $"{name} is ready", TimeSpan.FromSeconds(60));
        return node;
    }

    /// <summary>A pod on a node, running.</summary>
    public async Task RunAsync(string name, string node, string script)
    {
        await ApplyAsync(PodManifest(name, node, script));
        await OkAsync("wait", "--for=condition=Ready", $"pod/{name}", "--timeout=180s");
    }

    /// <summary>A node's client certificate and its key, signed by the cluster's own authority.</summary>
    public string NodeCertificate(string node, DateTimeOffset from, DateTimeOffset until)
    {
        using var authority = X509Certificate2.CreateFromPemFile(Path.Combine(directory, "data", "pki", "ca.crt"), Path.Combine(directory, "data", "pki", "ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"O=system:nodes, CN=system:node:{node}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.Create(authority, from, until, [1, 2, 3]);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    public static JsonObject PodManifest(string name, string node, string script) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["terminationGracePeriodSeconds"] = 5,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = "flotilla.local/busybox:1",
                ["imagePullPolicy"] = "Never",
                ["command"] = new JsonArray("sh", "-c", script),
            }),
        },
    };

    public async Task<string> OkAsync(params string[] arguments)
    {
        var (code, output, error) = await KubectlAsync(arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {error}");
        return output;
    }

    public async Task<(int Code, string Output, string Error)> KubectlAsync(params string[] arguments) => await KubectlWithInputAsync("", arguments);

    public Task<(int Code, string Output, string Error)> KubectlWithInputAsync(string input, params string[] arguments) => KubectlAsAsync(Kubeconfig, input, arguments);

    public static Task<(int Code, string Output, string Error)> KubectlAsAsync(string kubeconfig, string input, params string[] arguments) =>
        EndAsync(StartKubectlAs(kubeconfig, arguments), input);

    /// <summary>What a process says, and with what it ends.</summary>
    public static async Task<(int Code, string Output, string Error)> EndAsync(Process started, string input)
    {
        using var process = started;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    /// <summary>Many simulated nodes, Ready: NAME-0, NAME-1 and so on.</summary>
    /// <param name="address">Of the loopback network.</param>
    public async Task<Process> SimulateAsync(string name, int count, string address)
    {
        var agent = Start(
            "NodeAgent.Host", "nodeagent", "run", "--runtime", "simulated", "--count", $"{count}", "--name", name, "--kubeconfig", Kubeconfig, "--root-dir", Path.Combine(directory, name), "--node-ip", address);
        await Eventually.TrueAsync(
            async () => (await OkAsync("get", "nodes", "-l", "type=simulated", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}")).Split(' ').Count(status => status == "True") == count,
            $"{count} nodes are ready",
            TimeSpan.FromSeconds(60));
        return agent;
    }

    /// <summary>kubectl that speaks SPDY/3.1, as all did before 1.29, or WebSockets.</summary>
    public Process StartKubectl(bool webSockets, params string[] arguments) => StartTalking(webSockets, "kubectl", ["--kubeconfig", Kubeconfig, .. arguments]);

    /// <summary>kubectl in a terminal of 37 rows and 91 columns.</summary>
    public Process StartKubectlInTerminal(bool webSockets, string arguments) =>
        StartTalking(webSockets, "script", ["-qefc", $"stty rows 37 cols 91; kubectl --kubeconfig {Kubeconfig} {arguments}", "/dev/null"]);

    public Process StartKubectl(params string[] arguments) => StartKubectlAs(Kubeconfig, arguments);

    private static Process StartKubectlAs(string kubeconfig, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", kubeconfig, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;

    private static Process StartTalking(bool webSockets, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var switched in (string[])["KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "KUBECTL_PORT_FORWARD_WEBSOCKETS"]) { start.Environment[switched] = webSockets ? "true" : "false"; }
        return Process.Start(start)!;
    }

    public async ValueTask DisposeAsync()
    {
        await (Node?.DisposeAsync() ?? default);
        controlPlane?.Kill();
        controlPlane?.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    /// <param name="project">Its debug build lies beside this one's.</param>
    public static string Executable(string project, string name) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../..", project, "debug", name));

    public static Process Start(string project, string name, params string[] arguments) => Process.Start(Executable(project, name), arguments);

    public async Task ApplyAsync(JsonObject manifest)
    {
        var (code, _, error) = await KubectlWithInputAsync(manifest.ToJsonString(), "apply", "-f", "-");
        Assert.True(code == 0, error);
    }

    /// <summary>The images that tests use.</summary>
    public static async Task ImportAsync(ContainerdServer containerd)
    {
        await ImportAsync(containerd, new OciImageBuilder("flotilla.local/pause:1") { Entrypoint = ["/bin/sh", "-c", "while :; do sleep 3600; done"] });
        await ImportAsync(containerd, new OciImageBuilder("flotilla.local/busybox:1") { Command = ["sh"] });
    }

    private static async Task ImportAsync(ContainerdServer containerd, OciImageBuilder image)
    {
        await image.AddBusyboxAsync("/bin/busybox", CancellationToken.None);
        var archive = Path.GetTempFileName();
        await using (var output = File.Create(archive))
        {
            image.WriteTo(output);
        }

        await containerd.ImportAsync(archive);
        File.Delete(archive);
    }
}
