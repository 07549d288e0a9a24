using Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;
using Flotilla.ClusterCore.ApiServer.Admission.Warnings;
using Flotilla.ClusterCore.ApiServer.Admission.Webhooks;
using Flotilla.ClusterCore.ApiServer.Authorization;
using Flotilla.ClusterCore.ApiServer.Cache;
using Flotilla.ClusterCore.ApiServer.Registry;

namespace Flotilla.ClusterCore.ApiServer.Admission;

/// <summary>Every admission plugin, in upstream's order.</summary>
internal static class AdmissionPlugins
{
    public static IReadOnlyList<IAdmissionPlugin> All(
        WatchFeed feed, ObjectStore objects, ObjectRules rules, IAuthorizer authorizer, RbacAuthorizer rbac, WebhookMatcher matcher, WebhookCaller caller) =>
    [
        new NamespaceLifecycle(feed, objects),
        new LimitRanger(feed),
        new ServiceAccountAdmission(feed, objects),
        new NodeRestriction(feed),
        new TaintNodesByCondition(),
        new PodSecurityAdmission(feed, new(feed, objects)),
        new PriorityAdmission(feed),
        new DefaultTolerationSeconds(),
        DefaultClass.OfStorage(feed),
        new StorageObjectInUseProtection(),
        new PersistentVolumeClaimResize(feed),
        new RuntimeClassAdmission(feed, objects),
        CertificateSigners.Approval(authorizer),
        CertificateSigners.Signing(authorizer),
        new CertificateSubjectRestriction(),
        DefaultClass.OfIngress(feed),
        new PodTopologyLabels(feed),
        new RoleEscalation(authorizer, rbac),
        new DefinitionWarnings(),
        new FinalizerWarnings(),
        new ObjectWarnings(),
        new MutatingWebhooks(new(feed, "mutatingwebhookconfigurations"), matcher, caller, rules),
        new ValidatingWebhooks(new(feed, "validatingwebhookconfigurations"), matcher, caller),
        // Last: what is refused for another reason must not be counted.
        new ResourceQuotaAdmission(feed, objects),
    ];
}
