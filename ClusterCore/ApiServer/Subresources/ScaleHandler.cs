using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>/scale</c>: the number of replicas of anything that has one, in one form (<c>autoscaling/v1 Scale</c>).</summary>
internal sealed class ScaleHandler(ObjectStore objects, ObjectWriter writer, AdmissionChain admission)
{
    private static readonly TypeSchema schema = ApiCatalog.Default.TypeOf("autoscaling/v1", "Scale")!;

    public async Task HandleAsync(Scope scope)
    {
        var written = scope.Request.Info.Verb switch
        {
            "get" => await objects.GetAsync(scope.Key(), scope.Aborted) ?? throw scope.NotFound(scope.Request.Info.Name),
            "update" => await UpdateAsync(scope),
            _ => await PatchAsync(scope),
        };
        await ObjectAnswer.TreeAsync(scope, ScaleOf(scope, StoredVersions.Read(scope, written.Parse())));
    }

    private async ValueTask<StoredObject> UpdateAsync(Scope scope)
    {
        var wanted = await BodyDecoder.ReadAsync(scope.Request, "autoscaling/v1", "Scale", schema);
        Preparation.Locate(scope.Resource, wanted, scope.Request.Info);
        return await WriteAsync(scope, _ => wanted.DeepClone().AsObject());
    }

    private async ValueTask<StoredObject> PatchAsync(Scope scope)
    {
        var type = Patcher.AcceptedType(scope);
        var patch = Patcher.Read(type, await BodyReader.ReadAsync(scope.Request.Http.Request, TimeProvider.System, scope.Aborted));
        return await WriteAsync(scope, current => patch(current, schema));
    }

    private async ValueTask<StoredObject> WriteAsync(Scope scope, Func<JsonObject, JsonObject> change)
    {
        var paths = ScalePaths.Of(scope);
        var written = await writer.UpdateAdmittedAsync(scope, async current =>
        {
            var old = ScaleOf(scope, current);
            var scale = change(old.DeepClone().AsObject());
            if (ObjectMeta.Uid(scale) is { Length: > 0 } uid && uid != ObjectMeta.Uid(current)) { throw scope.WrongUid(uid, ObjectMeta.Uid(current)); }
            await admission.AdmitAsync(new(scope, Operation.Update, scale, old));
            var replicas = ObjectMeta.Number(scale["spec"], "replicas") ?? 0;
            if (replicas < 0)
            {
                throw Refusal.Invalid("autoscaling", "Scale", ObjectMeta.Name(current),
                    [new("FieldValueInvalid", $"Invalid value: {replicas}: must be greater than or equal to 0", "spec.replicas")]);
            }

            var version = ObjectMeta.ResourceVersion(scale);
            if (version.Length > 0) { ObjectMeta.Of(current)["resourceVersion"] = version; }
            ScalePaths.Set(current, paths.Replicas, replicas);
            return current;
        });
        return written.Object;
    }

    private static JsonObject ScaleOf(Scope scope, JsonObject obj)
    {
        var paths = ScalePaths.Of(scope);
        var metadata = new JsonObject();
        foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (obj["metadata"]?[name] is { } value) { metadata[name] = value.DeepClone(); }
        }

        var status = new JsonObject { ["replicas"] = ScalePaths.Number(obj, paths.StatusReplicas) };
        if (ScalePaths.SelectorText(obj, paths.Selector) is { Length: > 0 } selector) { status["selector"] = selector; }
        return new()
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = ScalePaths.Number(obj, paths.Replicas) },
            ["status"] = status,
        };
    }
}
