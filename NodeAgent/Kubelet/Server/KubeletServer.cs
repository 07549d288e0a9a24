using System.Security.Cryptography.X509Certificates;
using Flotilla.NodeAgent.Kubelet.Certificates;
using Flotilla.NodeAgent.Kubelet.Pods;
using Flotilla.NodeAgent.Kubelet.Server.Access;
using Flotilla.NodeAgent.Kubelet.Server.Logs;
using Flotilla.NodeAgent.Kubelet.Server.Stats;
using Flotilla.NodeAgent.Kubelet.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Server;

/// <summary>The kubelet's HTTPS API, for whom the cluster lets in: logs, exec, attach, port-forward, state, figures.</summary>
internal sealed class KubeletServer : IAsyncDisposable
{
    private readonly WebApplication application;

    public KubeletServer(KubeletOptions options, X509Certificate2Collection clientAuthorities, PodWorkers workers, PodServices services, StatsPages stats, ServingCertificate serving, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options, clientAuthorities, serving));
        application = builder.Build();
        application.Use(new AccessControl(new(services.Client, options.NodeName, services.Clock)).FilterAsync);
        var pods = new PodDirectory(workers);
        Map(application, pods, new(services), new(services), stats);
        MapNode(application, pods, new(options), new(options), new(options, services.Clock));
    }

    public Task StartAsync(CancellationToken cancellationToken) => application.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private static void Map(IEndpointRouteBuilder routes, PodDirectory pods, ContainerLogs logs, RuntimeStreams streams, StatsPages stats)
    {
        routes.Map("/stats/summary", context => stats.SummaryAsync(context));
        routes.Map("/metrics", context => stats.KubeletAsync(context));
        routes.Map("/metrics/resource", context => stats.ResourceAsync(context));
        routes.Map("/metrics/cadvisor", context => stats.CadvisorAsync(context));
        routes.Map("/metrics/probes", context => stats.ProbesAsync(context));
        routes.Map("/containerLogs/{namespace}/{pod}/{container}", context => pods.WithAsync(context, worker => logs.WriteAsync(context, worker)));
        foreach (var uid in (string[])["", "/{uid}"])
        {
            routes.Map($"/exec/{{namespace}}/{{pod}}{uid}/{{container}}", context => pods.WithAsync(context, worker => streams.ExecAsync(context, worker)));
            routes.Map($"/attach/{{namespace}}/{{pod}}{uid}/{{container}}", context => pods.WithAsync(context, worker => streams.AttachAsync(context, worker)));
            routes.MapPost($"/run/{{namespace}}/{{pod}}{uid}/{{container}}", context => pods.WithAsync(context, worker => streams.RunAsync(context, worker)));
            routes.Map($"/portForward/{{namespace}}/{{pod}}{uid}", context => pods.WithAsync(context, worker => streams.PortForwardAsync(context, worker)));
        }
    }

    private static void MapNode(IEndpointRouteBuilder routes, PodDirectory pods, NodeConfiguration configuration, NodeLogs logs, NodePages pages)
    {
        routes.Map("/healthz", context => context.Response.WriteAsync("ok"));
        foreach (var check in (string[])["ping", "log", "syncloop"])
        {
            routes.Map($"/healthz/{check}", context => context.Response.WriteAsync("ok"));
        }

        routes.Map("/pods", context => pods.WriteAllAsync(context));
        routes.Map("/runningpods", context => pods.WriteRunningAsync(context));
        routes.Map("/configz", configuration.WriteAsync);
        routes.Map("/statusz", pages.StatusAsync);
        routes.Map("/flagz", pages.FlagsAsync);
        routes.Map("/logs/{**path}", logs.WriteAsync);
        routes.Map("/checkpoint/{namespace}/{pod}/{container}", context => pods.WithAsync(context, _ => RefuseCheckpointAsync(context)));
    }

    /// <summary>As the kubelet does with a runtime that has no such call: containerd 1.6 is one.</summary>
    private static Task RefuseCheckpointAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        var (ns, pod, container) = (context.GetRouteValue("namespace"), context.GetRouteValue("pod"), context.GetRouteValue("container"));
        return context.Response.WriteAsync($"checkpointing of {ns}/{pod}/{container} failed (rpc error: code = Unimplemented desc = the container runtime cannot checkpoint)\n");
    }

    private static void Listen(KestrelServerOptions kestrel, KubeletOptions options, X509Certificate2Collection clientAuthorities, ServingCertificate serving)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;
        var clients = new ClientAuthority(clientAuthorities);
        kestrel.Listen(options.NodeIp, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificateSelector = (_, _) => serving.Current,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (presented, _, _) => clients.Signed(presented),
            });
        });
    }
}
