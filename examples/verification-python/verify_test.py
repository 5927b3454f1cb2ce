import base64
import hashlib
import hmac
import json
import time
import unittest

from sessions import Sessions
from verify import answer, is_signed

# The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SECONDS = 1614265330
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(SECONDS),
    "webhook-signature": SIGNATURE,
}
OTHER = "v1," + base64.b64encode(bytes(32)).decode()


class SignatureTest(unittest.TestCase):
    def test_is_that_of_the_standard(self):
        self.assertTrue(is_signed(HEADERS, BODY, SECRET, SECONDS))

    def test_may_be_one_of_several(self):
        both = {**HEADERS, "webhook-signature": f"{OTHER} {SIGNATURE}"}
        self.assertTrue(is_signed(both, BODY, SECRET, SECONDS))

    def test_holds_for_five_minutes(self):
        self.assertTrue(is_signed(HEADERS, BODY, SECRET, SECONDS + 300))
        self.assertFalse(is_signed(HEADERS, BODY, SECRET, SECONDS + 301))
        self.assertFalse(is_signed(HEADERS, BODY, SECRET, SECONDS - 301))

    def test_is_missing_with_other_headers(self):
        for changed in [
            {"webhook-signature": OTHER},
            {"webhook-signature": SIGNATURE.replace("v1", "v2")},
            {"webhook-signature": "v1,g0hM9SsE"},
            {"webhook-signature": "v1,g"},
            {"webhook-signature": "v1,ü"},
            {"webhook-signature": ""},
            {"webhook-id": "msg_2"},
            {"webhook-timestamp": str(SECONDS + 1)},
            {"webhook-timestamp": "now"},
        ]:
            with self.subTest(changed):
                self.assertFalse(is_signed({**HEADERS, **changed}, BODY, SECRET, SECONDS))
        self.assertFalse(is_signed({}, BODY, SECRET, SECONDS))

    def test_is_missing_with_another_body_or_secret(self):
        self.assertFalse(is_signed(HEADERS, BODY + b" ", SECRET, SECONDS))
        self.assertFalse(is_signed(HEADERS, BODY, "whsec_" + "A" * 32, SECONDS))


class AnswerTest(unittest.TestCase):
    API_KEY = "key-1"

    def ask(self, presence_id, may_count=lambda _: False):
        body = json.dumps({"pId": presence_id}).encode()
        timestamp = str(int(time.time()))
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        mac = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + base64.b64encode(mac).decode(),
        }
        return answer(headers, body, self.API_KEY, SECRET, may_count)

    def test_is_the_api_key_with_200_for_those_who_may_count_and_401_for_others(self):
        sessions = Sessions()
        sessions.sign_in("ann")
        self.assertEqual(self.ask(sessions.presence_id("ann"), sessions.has), (200, self.API_KEY))
        self.assertEqual(self.ask(sessions.presence_id("bob"), sessions.has), (401, self.API_KEY))
        self.assertEqual(self.ask("ann", sessions.has), (401, self.API_KEY))

    def test_is_right_for_the_two_users_of_the_test_whoever_is_signed_in(self):
        self.assertEqual(self.ask("w-valid", lambda _: False), (200, self.API_KEY))
        self.assertEqual(self.ask("w-invalid", lambda _: True), (401, self.API_KEY))

    def test_is_403_without_the_api_key_for_a_call_that_is_not_signed(self):
        status, text = answer({}, b'{"pId":"w-valid"}', self.API_KEY, SECRET, lambda _: True)
        self.assertEqual(status, 403)
        self.assertNotIn(self.API_KEY, text)


class PresenceIdTest(unittest.TestCase):
    def test_is_good_while_one_session_of_the_user_is_left_and_the_same_in_all(self):
        sessions = Sessions()
        laptop, phone = sessions.sign_in("ann"), sessions.sign_in("ann")
        presence_id = sessions.presence_id("ann")
        sessions.sign_out(laptop)
        sessions.sign_out(laptop)
        self.assertTrue(sessions.has(presence_id))
        sessions.sign_out(phone)
        self.assertFalse(sessions.has(presence_id))
        self.assertNotEqual(Sessions().presence_id("ann"), presence_id)


if __name__ == "__main__":
    unittest.main()
