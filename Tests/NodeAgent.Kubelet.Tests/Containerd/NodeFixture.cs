using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Client;
using Flotilla.ClusterCore.Client.Informers;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Tests.Containerd;
using Flotilla.NodeAgent.Runtime.Containerd;
using Flotilla.NodeAgent.Runtime.Images;
using Flotilla.TestKit;
using Flotilla.TestKit.FakeServer;
using Microsoft.Extensions.Logging.Abstractions;

[assembly: AssemblyFixture(typeof(NodeFixture))]

namespace Flotilla.NodeAgent.Kubelet.Tests.Containerd;

/// <summary>A real containerd with a kubelet on it, and an API in memory: one for all tests, which use pods of their own.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    public const string Image = "flotilla.local/busybox:1";

    private readonly List<X509Certificate2> certificates = [];
    private readonly List<string> archives = [];
    private X509Certificate2Collection authorities = [];
    private ContainerdServer? containerd;
    private KubeletOptions? options;
    private RunningKubelet? kubelet;

    public FakeApi Api { get; } = new();

    public ContainerdServer Containerd => containerd ?? throw new InvalidOperationException("not started");

    /// <summary>A client with the certificate that the control plane has.</summary>
    public HttpClient ControlPlane { get; private set; } = new();

    public HttpClient Stranger { get; private set; } = new();

    /// <summary>A client without a certificate, for tokens.</summary>
    public HttpClient Bearer { get; private set; } = new();

    public async ValueTask InitializeAsync()
    {
        await SaveAsync(new OciImageBuilder("flotilla.local/pause:1") { Entrypoint = ["/bin/sh", "-c", "while :; do sleep 3600; done"] });
        await SaveAsync(new OciImageBuilder(Image) { Command = ["sh"] });
        containerd = await StartContainerdAsync();
        var authority = Authority("cluster");
        authorities = [X509CertificateLoader.LoadCertificate(authority.RawData)];
        var port = LoopbackPort.Free();
        ControlPlane = Client(port, Issue(authority, "CN=kube-apiserver-kubelet-client, O=system:masters"));
        Bearer = Client(port, null);
        Stranger = Client(port, Issue(Authority("stranger"), "CN=kube-apiserver-kubelet-client, O=system:masters"));
        options = new()
        {
            NodeName = "node-0",
            NodeIp = IPAddress.Loopback,
            Port = port,
            RootDirectory = Containerd.NodeDirectory,
            LogDirectory = Path.Combine(Containerd.NodeDirectory, "logs", "pods"),
            CgroupRoot = Containerd.CgroupRoot,
            PodMaxPids = 64,
            LogMaxSize = 4 << 20,
            ClusterDns = "10.96.0.10",
            ResolvConf = Path.Combine(Containerd.NodeDirectory, "resolv.conf"),
        };
        Directory.CreateDirectory(Containerd.NodeDirectory);
        await File.WriteAllTextAsync(options.ResolvConf, "nameserver 192.0.2.1\nsearch corp.example\noptions timeout:1\n");
        kubelet = new(Api, Containerd, options, authorities);
    }

    /// <summary>One more node, on a containerd of its own.</summary>
    /// <param name="diskSize">Of the kubelet's disk, as tmpfs takes it: 32m. Null for the machine's.</param>
    /// <param name="imageDiskSize">Of the runtime's disk.</param>
    public async Task<RunningKubelet> StartAsync(Func<KubeletOptions, KubeletOptions> change, string? diskSize = null, string? imageDiskSize = null)
    {
        var server = await StartContainerdAsync(imageDiskSize);
        Directory.CreateDirectory(server.NodeDirectory);
        if (diskSize is not null)
        {
            await server.MountAsync(server.NodeDirectory, diskSize);
        }

        var own = options! with { NodeName = server.NetworkNamespace, Port = LoopbackPort.Free(), RootDirectory = server.NodeDirectory, LogDirectory = Path.Combine(server.NodeDirectory, "logs", "pods"), CgroupRoot = server.CgroupRoot };
        return new(Api, server, change(own), authorities) { OwnsContainerd = true };
    }

    /// <summary>An idle pod on that node, ready.</summary>
    public async Task RunOnAsync(RunningKubelet machine, string name)
    {
        Run(name, "sleep 1000", pod => pod.Spec.NodeName = machine.Name);
        await PodAsync(name, pod => pod.Status.ContainerStatuses?[0].Ready == true, "ready");
    }

    public Pod Run(string name, string script, Action<Pod>? change = null)
    {
        var pod = A.Pod(name, "node-0");
        pod.Spec.TerminationGracePeriodSeconds = 1;
        pod.Spec.Containers = [new() { Name = "main", Image = Image, Command = ["sh", "-c", script] }];
        change?.Invoke(pod);
        Api.Put(Kinds.Pods, pod);
        return pod;
    }

    public async Task<Pod> PodAsync(string name, Func<Pod, bool> condition, string what)
    {
        await Eventually.TrueAsync(() => Api.Get(Kinds.Pods, "default", name) is { } pod && condition(pod), $"{name}: {what}", TimeSpan.FromSeconds(60));
        return Api.Get(Kinds.Pods, "default", name)!;
    }

    /// <summary>Waits for an event of a pod, or a node, whose message begins so.</summary>
    public Task EventAsync(string name, string reason, params string[] beginnings) => Eventually.TrueAsync(
        () => Api.List(Kinds.Events).Any(happened => happened.InvolvedObject!.Name == name && happened.Reason == reason
            && beginnings.Any(beginning => happened.Message!.StartsWith(beginning, StringComparison.Ordinal))),
        $"{name}: {reason} {beginnings[0]}",
        TimeSpan.FromSeconds(60));

    public async Task<string> LogAsync(string name, string query = "", string container = "main") =>
        await ControlPlane.GetStringAsync($"/containerLogs/default/{name}/{container}{query}");

    /// <summary>What a command, cut at its spaces, says in a container, or what the kubelet says of its failure.</summary>
    public async Task<string> ExecAsync(string pod, string command, string container = "main") =>
        await (await ControlPlane.PostAsync($"/run/default/{pod}/{container}?cmd={Uri.EscapeDataString(command)}", null)).Content.ReadAsStringAsync();

    /// <param name="qosClass">burstable or besteffort.</param>
    public Cgroup CgroupOf(Pod pod, string qosClass) => new($"{Containerd.CgroupRoot}/kubepods/{qosClass}/pod{pod.Metadata.Uid}");

    /// <summary>A WebSocket to the kubelet with the control plane's certificate; by hand, because the framework's client refuses a protocol with a slash.</summary>
    public async Task<WebSocket> WebSocketAsync(string path, string protocol)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Headers = { { "Connection", "Upgrade" }, { "Upgrade", "websocket" }, { "Sec-WebSocket-Version", "13" }, { "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==" }, { "Sec-WebSocket-Protocol", protocol } },
        };
        var answer = await ControlPlane.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.StatusCode == HttpStatusCode.SwitchingProtocols, $"{answer.StatusCode}: {(answer.StatusCode == HttpStatusCode.SwitchingProtocols ? "" : await answer.Content.ReadAsStringAsync())}");
        Assert.Equal(protocol, answer.Headers.GetValues("Sec-WebSocket-Protocol").Single());
        return WebSocket.CreateFromStream(await answer.Content.ReadAsStreamAsync(), isServer: false, subProtocol: null, Timeout.InfiniteTimeSpan);
    }

    public void Delete(Pod pod, long grace = 1) =>
        Api.Put(Kinds.Pods, pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch, DeletionGracePeriodSeconds = grace } });

    public async ValueTask DisposeAsync()
    {
        await (kubelet?.DisposeAsync() ?? default);
        await (containerd?.DisposeAsync() ?? default);
        ControlPlane.Dispose();
        Stranger.Dispose();
        Bearer.Dispose();
        Api.Dispose();
        certificates.ForEach(certificate => certificate.Dispose());
        archives.ForEach(File.Delete);
    }

    private async Task<ContainerdServer> StartContainerdAsync(string? imageDiskSize = null)
    {
        var server = await ContainerdServer.StartAsync(imageDiskSize);
        foreach (var archive in archives)
        {
            await server.ImportAsync(archive);
        }

        return server;
    }

    private async Task SaveAsync(OciImageBuilder image)
    {
        await image.AddBusyboxAsync("/bin/busybox", CancellationToken.None);
        var archive = Path.GetTempFileName();
        await using var output = File.Create(archive);
        image.WriteTo(output);
        archives.Add(archive);
    }

    private static HttpClient Client(int port, X509Certificate2? certificate) => new(new SocketsHttpHandler
    {
        SslOptions = { ClientCertificates = certificate is null ? [] : [certificate], RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null },
    })
    {
        BaseAddress = new($"https://127.0.0.1:{port}"),
    };

    private X509Certificate2 Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return Keep(request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100)));
    }

    private X509Certificate2 Issue(X509Certificate2 authority, string subject)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], false));
        using var signed = request.Create(authority, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(99), [1, 2, 3]);
        return Keep(signed.CopyWithPrivateKey(key));
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        certificates.Add(certificate);
        return certificate;
    }
}

/// <summary>A kubelet on a containerd.</summary>
public sealed class RunningKubelet : IAsyncDisposable
{
    private readonly FakeApi api;
    private readonly ContainerdServer containerd;
    private readonly KubeletOptions options;
    private readonly X509Certificate2Collection authorities;
    private CancellationTokenSource stopping = new();
    private ContainerdRuntime runtime = null!;
    private Kubelet kubelet = null!;
    private Task running = Task.CompletedTask;

    internal RunningKubelet(FakeApi api, ContainerdServer containerd, KubeletOptions options, X509Certificate2Collection authorities)
    {
        (this.api, this.containerd, this.options, this.authorities) = (api, containerd, options, authorities);
        Start();
    }

    public string Name => options.NodeName;

    public ContainerdServer Containerd => containerd;

    public bool OwnsContainerd { get; init; }

    public Task ShutDownAsync() => kubelet.ShutDownAsync(stopping.Token);

    /// <summary>As a crash and a new start would: containers are left as they are.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        stopping = new();
        Start();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (OwnsContainerd)
        {
            await containerd.DisposeAsync();
        }
    }

    private void Start()
    {
        var client = api.Client();
        var informers = new InformerFactory(client);
        runtime = new(containerd.Socket);
        kubelet = new(options, client, informers, runtime, authorities, TimeProvider.System, NullLoggerFactory.Instance);
        running = Task.WhenAll(kubelet.RunAsync(stopping.Token), informers.RunAsync(stopping.Token));
    }

    private async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await kubelet.DisposeAsync();
        runtime.Dispose();
        stopping.Dispose();
    }
}
