using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>/binding</c>: a scheduler gives a pod its node, once.</summary>
internal sealed class BindingHandler(ObjectWriter writer, AdmissionChain admission, TimeProvider clock)
{
    private static readonly TypeSchema schema = ApiCatalog.Default.TypeOf("v1", "Binding")!;

    public async Task HandleAsync(Scope scope)
    {
        var binding = await BodyDecoder.ReadAsync(scope.Request, "v1", "Binding", schema);
        await admission.AdmitAsync(new(scope, Operation.Create, binding, null));
        await writer.UpdateAdmittedAsync(scope, pod => new(Bind(scope, pod, binding)), Preparation.KeepServerMetadata);
        await Answer.StatusAsync(scope.Request.Http, new(200, null, ""), 201);
    }

    private JsonObject Bind(Scope scope, JsonObject pod, JsonObject binding)
    {
        var (name, node) = (ObjectMeta.Name(pod), ObjectMeta.Text(binding["target"], "name"));
        var resource = scope.GroupResource;
        if (node.Length == 0) { throw Refusal.Invalid("", "Binding", name, [new("FieldValueRequired", "Required value", "target.name")]); }
        if (ObjectMeta.Uid(binding) is { Length: > 0 } uid && uid != ObjectMeta.Uid(pod))
        {
            throw Refusal.Conflict(resource, name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {ObjectMeta.Uid(pod)}");
        }

        if (ObjectMeta.IsDeleting(pod)) { throw Refusal.Conflict(resource, name, $"pod {name} is being deleted, cannot be assigned to a host"); }
        if (ObjectMeta.Text(pod["spec"], "nodeName") is { Length: > 0 } assigned)
        {
            throw Refusal.Conflict(resource, name, $"pod {name} is already assigned to node \"{assigned}\"");
        }

        if (pod["spec"]?["schedulingGates"] is JsonArray { Count: > 0 })
        {
            throw Refusal.Conflict(resource, name, $"pod {name} has non-empty .spec.schedulingGates");
        }

        pod["spec"]!["nodeName"] = node;
        MergeAnnotations(pod, binding);
        SetScheduled(pod);
        return pod;
    }

    private static void MergeAnnotations(JsonObject pod, JsonObject binding)
    {
        if (binding["metadata"]?["annotations"] is not JsonObject given) { return; }
        var metadata = ObjectMeta.Of(pod);
        if (metadata["annotations"] is not JsonObject annotations) { metadata["annotations"] = annotations = []; }
        foreach (var (name, value) in given) { annotations[name] = value?.DeepClone(); }
    }

    private void SetScheduled(JsonObject pod)
    {
        if (pod["status"] is not JsonObject status) { pod["status"] = status = []; }
        if (status["conditions"] is not JsonArray conditions) { status["conditions"] = conditions = []; }
        if (conditions.OfType<JsonObject>().FirstOrDefault(one => ObjectMeta.Text(one, "type") == "PodScheduled") is { } old) { conditions.Remove(old); }
        conditions.Add((JsonNode)new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = ObjectMeta.Timestamp(clock.GetUtcNow()),
        });
    }
}
