using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.ApiServer.Admission.Webhooks;

/// <summary>A webhook that is to see a request, and the version of the resource it wants to see it in.</summary>
internal sealed record WebhookInvocation(Webhook Webhook, ResourceInfo Resource);
