using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Nodes;

/// <summary>
/// <c>GET /flotilla/v1/nodes/NODE/tunnel</c>, upgraded: a node that can only dial out lends a connection for the way back. The
/// authorizer lets a node do so for itself alone.
/// </summary>
internal sealed class TunnelHandler(NodeTunnels tunnels)
{
    public const string Protocol = "flotilla-tunnel/1";

    public static string PathOf(string node) => $"/flotilla/v1/nodes/{node}/tunnel";

    public async Task HandleAsync(ApiRequest request, string node)
    {
        var context = request.Http;
        if (context.Request.Headers.Upgrade != Protocol || context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw Refusal.BadRequest($"an upgrade to {Protocol} is required");
        }

        context.Response.Headers.Upgrade = Protocol;
        await using var stream = await upgrade.UpgradeAsync();
        await tunnels.ParkAsync(node, stream, request.Aborted);
    }
}
