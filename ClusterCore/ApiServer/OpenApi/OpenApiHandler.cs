using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;

namespace Flotilla.ClusterCore.ApiServer.OpenApi;

internal sealed class OpenApiHandler
{
    public Task V2Async(ApiRequest request) => throw Refusal.PathNotFound();

    public Task V3IndexAsync(ApiRequest request) => throw Refusal.PathNotFound();

    public Task V3Async(ApiRequest request, string path) => throw Refusal.PathNotFound();
}
