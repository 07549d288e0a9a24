using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission;
using Flotilla.ClusterCore.ApiServer.Answers;
using Flotilla.ClusterCore.ApiServer.Registry;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.ClusterCore.ApiServer.Validation;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Subresources;

/// <summary><c>/binding</c>: a scheduler gives a pod its node, once.</summary>
internal sealed class BindingHandler(ObjectWriter writer, AdmissionChain admission, TimeProvider clock)
{
    private static readonly ResourceInfo resource = ApiCatalog.Default.Resource("", "v1", "bindings")!;
    private static readonly TypeSchema schema = ApiCatalog.Default.TypeOf("v1", "Binding")!;

    private static readonly ResourceInfo pods = ApiCatalog.Default.Resource("", "v1", "pods")!;

    public async Task HandleAsync(Scope scope) => await BindAsync(scope, await BodyDecoder.ReadAsync(scope.Request, "v1", "Binding", schema));

    /// <summary>The older form, a Binding of its own that names its pod.</summary>
    public async Task HandleNamedAsync(Scope scope)
    {
        var binding = await BodyDecoder.ReadAsync(scope.Request, "v1", "Binding", schema);
        var info = scope.Request.Info with { Resource = pods.Plural, Subresource = "binding", Name = ObjectMeta.Name(binding) };
        await BindAsync(new(new(scope.Request.Http, info, scope.Request.User), pods), binding);
    }

    private async Task BindAsync(Scope scope, JsonObject binding)
    {
        Check(scope.Request.Info.Name, binding["target"] as JsonObject ?? []);
        await admission.AdmitAsync(new(scope, Operation.Create, binding, null));
        await writer.AmendAsync(scope, pod => Bind(scope, pod, binding));
        await Answer.StatusAsync(scope.Request.Http, new(200, null, ""), 201);
    }

    private static void Check(string name, JsonObject target)
    {
        var errors = new FieldErrors();
        if (target.Has("kind")) { Rules.OneOf(target, "kind", "target", errors, "Node", "<empty>"); }
        if (!target.Has("name")) { errors.Required("target.name"); }
        if (errors.Any) { throw ObjectRules.Invalid(resource, name, errors.List); }
    }

    private void Bind(Scope scope, JsonObject pod, JsonObject binding)
    {
        var (name, node) = (ObjectMeta.Name(pod), ObjectMeta.Text(binding["target"], "name"));
        var bindings = new GroupResource(scope.GroupResource.Group, "pods/binding");
        if (ObjectMeta.Uid(binding) is { Length: > 0 } uid && uid != ObjectMeta.Uid(pod))
        {
            throw scope.WrongUid(uid, ObjectMeta.Uid(pod));
        }

        if (ObjectMeta.IsDeleting(pod)) { throw Refusal.Conflict(bindings, name, $"pod {name} is being deleted, cannot be assigned to a host"); }
        if (ObjectMeta.Text(pod["spec"], "nodeName") is { Length: > 0 } assigned)
        {
            throw Refusal.Conflict(bindings, name, $"pod {name} is already assigned to node \"{assigned}\"");
        }

        if (pod["spec"]?["schedulingGates"] is JsonArray { Count: > 0 })
        {
            throw Refusal.Conflict(bindings, name, $"pod {name} has non-empty .spec.schedulingGates");
        }

        pod["spec"]!["nodeName"] = node;
        (pod["status"] as JsonObject)?.Remove("nominatedNodeName");
        Merge("annotations", binding, pod);
        Merge("labels", binding, pod);
        SetScheduled(pod);
    }

    private static void Merge(string field, JsonObject binding, JsonObject pod)
    {
        if (binding["metadata"]?[field] is not JsonObject given) { return; }
        var metadata = ObjectMeta.Of(pod);
        if (metadata[field] is not JsonObject own) { metadata[field] = own = []; }
        foreach (var (name, value) in given) { own[name] = value?.DeepClone(); }
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
